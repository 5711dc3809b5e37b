"""Rekognition's labels for COCO's classes, with their ancestors and categories.

Names, ancestors and categories follow the list of labels in Rekognition's developer guide:
https://docs.aws.amazon.com/rekognition/latest/dg/labels.html
"""

from __future__ import annotations

from dataclasses import dataclass

_ANIMALS = "Animals and Pets"
_APPAREL = "Apparel and Accessories"
_CARE = "Beauty and Personal Care"
_FOOD = "Food and Beverage"
_FURNITURE = "Furniture and Furnishings"
_APPLIANCES = "Home Appliances"
_INDOORS = "Home and Indoors"
_KITCHEN = "Kitchen and Dining"
_PLANTS = "Nature and Outdoors"
_SPORTS = "Sports"
_TECHNOLOGY = "Technology and Computing"
_TEXT = "Text and Documents"
_TOOLS = "Tools and Machinery"
_TOYS = "Toys and Gaming"
_TRANSPORT = "Transport and Logistics"
_VEHICLES = "Vehicles and Automotive"
_EVERYDAY = "Everyday Objects"


@dataclass(frozen=True)
class Label:
    """A label of Rekognition.

    `name`: as Rekognition spells it.
    `parents`: all its ancestors.
    """

    name: str
    category: str
    parents: tuple[str, ...] = ()


_ELECTRONICS = ("Electronics",)
_HARDWARE = ("Computer Hardware", "Electronics", "Hardware")
_APPLIANCE = ("Appliance", "Device", "Electrical Device")
_MAMMAL = ("Animal", "Mammal")
_PET = ("Animal", "Mammal", "Pet")
_LIVESTOCK = ("Animal", "Livestock", "Mammal")
_WILDLIFE = ("Animal", "Mammal", "Wildlife")
_FRUIT = ("Food", "Fruit", "Plant", "Produce")
_VEGETABLE = ("Food", "Plant", "Produce", "Vegetable")
_VEHICLE = ("Transportation", "Vehicle")

COCO_LABELS: dict[str, Label] = {
    "person": Label("Person", "Person Description"),
    "bicycle": Label("Bicycle", _VEHICLES, _VEHICLE),
    "car": Label("Car", _VEHICLES, _VEHICLE),
    "motorcycle": Label("Motorcycle", _VEHICLES, _VEHICLE),
    "airplane": Label("Airplane", _VEHICLES, ("Aircraft", *_VEHICLE)),
    "bus": Label("Bus", _VEHICLES, _VEHICLE),
    "train": Label("Train", _VEHICLES, ("Railway", *_VEHICLE)),
    "truck": Label("Truck", _VEHICLES, _VEHICLE),
    "boat": Label("Boat", _VEHICLES, _VEHICLE),
    "traffic light": Label("Traffic Light", _TRANSPORT, ("Light",)),
    "fire hydrant": Label("Fire Hydrant", _EVERYDAY, ("Hydrant",)),
    "stop sign": Label("Stopsign", _TRANSPORT, ("Road Sign", "Sign", "Symbol")),
    "parking meter": Label("Parking Meter", _TRANSPORT),
    "bench": Label("Bench", _FURNITURE, ("Furniture",)),
    "bird": Label("Bird", _ANIMALS, ("Animal",)),
    "cat": Label("Cat", _ANIMALS, _PET),
    "dog": Label("Dog", _ANIMALS, ("Animal", "Canine", "Mammal", "Pet")),
    "horse": Label("Horse", _ANIMALS, _MAMMAL),
    "sheep": Label("Sheep", _ANIMALS, _LIVESTOCK),
    "cow": Label("Cow", _ANIMALS, ("Animal", "Cattle", "Livestock", "Mammal")),
    "elephant": Label("Elephant", _ANIMALS, _WILDLIFE),
    "bear": Label("Bear", _ANIMALS, _WILDLIFE),
    "zebra": Label("Zebra", _ANIMALS, _WILDLIFE),
    "giraffe": Label("Giraffe", _ANIMALS, _WILDLIFE),
    "backpack": Label("Backpack", _APPAREL, ("Bag",)),
    "umbrella": Label("Umbrella", _EVERYDAY, ("Canopy",)),
    "handbag": Label("Handbag", _APPAREL, ("Accessories", "Bag")),
    "tie": Label("Tie", _APPAREL, ("Accessories", "Formal Wear")),
    "suitcase": Label("Suitcase", _APPAREL, ("Baggage",)),
    "frisbee": Label("Frisbee", _TOYS, ("Toy",)),
    "skis": Label("Ski", _SPORTS, ("Sport",)),
    "snowboard": Label("Snowboard", _SPORTS, ("Sport",)),
    "sports ball": Label("Ball", _SPORTS, ("Sport",)),
    "kite": Label("Kite", _TOYS, ("Toy",)),
    "baseball bat": Label("Baseball Bat", _SPORTS, ("Baseball", "Sport")),
    "baseball glove": Label("Baseball Glove", _SPORTS, ("Baseball", "Clothing", "Glove", "Sport")),
    "skateboard": Label("Skateboard", _SPORTS, ("Sport",)),
    "surfboard": Label("Surfboard", _SPORTS, ("Sport",)),
    "tennis racket": Label("Tennis Racket", _SPORTS, ("Racket", "Sport", "Tennis")),
    "bottle": Label("Bottle", _KITCHEN),
    "wine glass": Label("Wine Glass", _KITCHEN, ("Glass",)),
    "cup": Label("Cup", _KITCHEN),
    "fork": Label("Fork", _KITCHEN, ("Cutlery",)),
    "knife": Label("Knife", _KITCHEN, ("Cutlery",)),
    "spoon": Label("Spoon", _KITCHEN, ("Cutlery",)),
    "bowl": Label("Bowl", _KITCHEN),
    "banana": Label("Banana", _FOOD, _FRUIT),
    "apple": Label("Apple", _FOOD, _FRUIT),
    "sandwich": Label("Sandwich", _FOOD, ("Food",)),
    "orange": Label("Orange", _FOOD, ("Citrus Fruit", *_FRUIT)),
    "broccoli": Label("Broccoli", _FOOD, _VEGETABLE),
    "carrot": Label("Carrot", _FOOD, _VEGETABLE),
    "hot dog": Label("Hot Dog", _FOOD, ("Food",)),
    "pizza": Label("Pizza", _FOOD, ("Food",)),
    "donut": Label("Donut", _FOOD, ("Food", "Sweets")),
    "cake": Label("Cake", _FOOD, ("Dessert", "Food")),
    "chair": Label("Chair", _FURNITURE, ("Furniture",)),
    "couch": Label("Couch", _FURNITURE, ("Furniture",)),
    "potted plant": Label("Potted Plant", _PLANTS, ("Plant",)),
    "bed": Label("Bed", _FURNITURE, ("Furniture",)),
    "dining table": Label("Dining Table", _FURNITURE, ("Furniture", "Table")),
    "toilet": Label("Toilet", _INDOORS, ("Bathroom", "Indoors", "Room")),
    "tv": Label("TV", _TECHNOLOGY, (*_HARDWARE, "Monitor", "Screen")),
    "laptop": Label("Laptop", _TECHNOLOGY, ("Computer", "Electronics", "Pc")),
    "mouse": Label("Mouse", _TECHNOLOGY, _HARDWARE),
    "remote": Label("Remote Control", _TECHNOLOGY, _ELECTRONICS),
    "keyboard": Label("Computer Keyboard", _TECHNOLOGY, _HARDWARE),
    "cell phone": Label("Mobile Phone", _TECHNOLOGY, ("Electronics", "Phone")),
    "microwave": Label("Microwave", _APPLIANCES, (*_APPLIANCE, "Oven")),
    "oven": Label("Oven", _APPLIANCES, _APPLIANCE),
    "toaster": Label("Toaster", _APPLIANCES, _APPLIANCE),
    "sink": Label("Sink", _INDOORS),
    "refrigerator": Label("Refrigerator", _APPLIANCES, _APPLIANCE),
    "book": Label("Book", _TEXT, ("Publication",)),
    "clock": Label("Clock", _INDOORS),
    "vase": Label("Vase", _INDOORS, ("Jar", "Pottery")),
    "scissors": Label("Scissors", _TOOLS),
    "teddy bear": Label("Teddy Bear", _TOYS, ("Toy",)),
    "hair drier": Label("Blow Dryer", _CARE, _APPLIANCE),
    "toothbrush": Label("Toothbrush", _CARE, ("Brush", "Device", "Tool")),
}

# Labels that no class of COCO is, and that come as ancestors only. Without an entry: no ancestors of their
# own, and the category of the label they came with.
_ANCESTORS = {
    label.name: label
    for label in (
        Label("Aircraft", _VEHICLES, _VEHICLE),
        Label("Appliance", _APPLIANCES, ("Device", "Electrical Device")),
        Label("Baseball", _SPORTS, ("Sport",)),
        Label("Bathroom", _INDOORS, ("Indoors", "Room")),
        Label("Canine", _ANIMALS, _MAMMAL),
        Label("Cattle", _ANIMALS, _LIVESTOCK),
        Label("Citrus Fruit", _FOOD, _FRUIT),
        Label("Clothing", _APPAREL),
        Label("Computer", _TECHNOLOGY, _ELECTRONICS),
        Label("Computer Hardware", _TECHNOLOGY, ("Electronics", "Hardware")),
        Label("Dessert", _FOOD, ("Food",)),
        Label("Device", _TOOLS),
        Label("Electrical Device", _TOOLS, ("Device",)),
        Label("Fruit", _FOOD, ("Food", "Plant", "Produce")),
        Label("Glove", _APPAREL, ("Clothing",)),
        Label("Hardware", _TECHNOLOGY, _ELECTRONICS),
        Label("Livestock", _ANIMALS, _MAMMAL),
        Label("Mammal", _ANIMALS, ("Animal",)),
        Label("Monitor", _TECHNOLOGY, (*_HARDWARE, "Screen")),
        Label("Oven", _APPLIANCES, _APPLIANCE),
        Label("Pc", _TECHNOLOGY, ("Computer", "Electronics")),
        Label("Pet", _ANIMALS, ("Animal",)),
        Label("Phone", _TECHNOLOGY, _ELECTRONICS),
        Label("Plant", _PLANTS),
        Label("Produce", _FOOD, ("Food",)),
        Label("Railway", _TRANSPORT, ("Transportation",)),
        Label("Road Sign", _TRANSPORT, ("Sign", "Symbol")),
        Label("Room", _INDOORS, ("Indoors",)),
        Label("Screen", _TECHNOLOGY, _ELECTRONICS),
        Label("Sign", _TRANSPORT, ("Symbol",)),
        Label("Sweets", _FOOD, ("Food",)),
        Label("Table", _FURNITURE, ("Furniture",)),
        Label("Tennis", _SPORTS, ("Sport",)),
        Label("Tool", _TOOLS, ("Device",)),
        Label("Vegetable", _FOOD, ("Food", "Plant", "Produce")),
        Label("Vehicle", _VEHICLES, ("Transportation",)),
        Label("Wildlife", _ANIMALS, ("Animal",)),
    )
}


def ancestors(label: Label) -> list[Label]:
    """Return the ancestors of a label, each with its own ancestors."""
    return [_ANCESTORS.get(name, Label(name, label.category)) for name in label.parents]
