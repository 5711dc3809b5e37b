"""The labels of Rekognition's content moderation.

From "Label categories" in Rekognition's developer guide:
https://docs.aws.amazon.com/rekognition/latest/dg/moderation-api.html
"""

MODERATION_TAXONOMY_VERSION = "7"
"""The version of the taxonomy that has these labels."""

_TAXONOMY: dict[str, dict[str, tuple[str, ...]]] = {
    "Explicit": {
        "Explicit Nudity": (
            "Exposed Male Genitalia",
            "Exposed Female Genitalia",
            "Exposed Buttocks or Anus",
            "Exposed Female Nipple",
        ),
        "Explicit Sexual Activity": (),
        "Sex Toys": (),
    },
    "Non-Explicit Nudity of Intimate parts and Kissing": {
        "Non-Explicit Nudity": (
            "Bare Back",
            "Exposed Male Nipple",
            "Partially Exposed Buttocks",
            "Partially Exposed Female Breast",
            "Implied Nudity",
        ),
        "Obstructed Intimate Parts": ("Obstructed Female Nipple", "Obstructed Male Genitalia"),
        "Kissing on the Lips": (),
    },
    "Swimwear or Underwear": {"Female Swimwear or Underwear": (), "Male Swimwear or Underwear": ()},
    "Violence": {
        "Weapons": (),
        "Graphic Violence": (
            "Weapon Violence",
            "Physical Violence",
            "Self-Harm",
            "Blood & Gore",
            "Explosions and Blasts",
        ),
    },
    "Visually Disturbing": {
        "Death and Emaciation": ("Emaciated Bodies", "Corpses"),
        "Crashes": ("Air Crash",),
    },
    "Drugs & Tobacco": {
        "Products": ("Pills",),
        "Drugs & Tobacco Paraphernalia & Use": ("Smoking",),
    },
    "Alcohol": {"Alcohol Use": ("Drinking",), "Alcoholic Beverages": ()},
    "Rude Gestures": {"Middle Finger": ()},
    "Gambling": {},
    "Hate Symbols": {"Nazi Party": (), "White Supremacy": (), "Extremist": ()},
}

TOP_MODERATION_LABELS = tuple(_TAXONOMY)
"""The labels of the first level."""

MODERATION_LABELS = tuple(
    label
    for top, seconds in _TAXONOMY.items()
    for label in (top, *(name for second, thirds in seconds.items() for name in (second, *thirds)))
)
"""Every label of the three levels, each after the one above it."""
