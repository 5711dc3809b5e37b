"""The labelled set: synthetic videos of real faces, the same each time."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import pi, sin

import numpy as np
from tests.redaction_videos.faces import astronaut, person
from tests.redaction_videos.scenes import HEIGHT, WIDTH, Actor, Bar, Pose, Scene, Shot

_NTSC = Fraction(30_000, 1001)


def labelled_set() -> Sequence[Scene]:
    """Return a scene for each difficulty."""
    return [
        _scene("comes nearer", Shot(seconds=3, background="rocket", actors=[_nearer()]), rate=Fraction(30)),
        _scene("turns its head", Shot(seconds=3, background="coffee", actors=[_turning()]), rate=Fraction(24)),
        _scene("behind a bar", _behind_a_bar(), rate=Fraction(25)),
        _scene("enters and leaves", _passing(), rate=_NTSC),
        _scene("cuts", *_cut(), rate=Fraction(25)),
        _scene("two cross", _crossing(), rate=Fraction(30)),
        _scene("fills the frame", _filling(), rate=Fraction(24)),
        _at_variable_rate("variable frame rate", Shot(seconds=3, background="gravel", actors=[_nearer(), _turning()])),
        _scene("a crowd", _crowd(), rate=Fraction(24)),
        _scene("small faces", _small(), rate=Fraction(30)),
    ]


def _scene(name: str, *shots: Shot, rate: Fraction) -> Scene:
    seconds = sum(shot.seconds for shot in shots)
    return Scene(name=name, shots=shots, times=[number / rate for number in range(int(seconds * rate))])


def _at_variable_rate(name: str, shot: Shot) -> Scene:
    """Make a scene whose frames are 15 to 70 ms apart, as phones record them."""
    random = np.random.default_rng(15)
    times = [Fraction(0)]
    while (after := times[-1] + Fraction(int(random.integers(15, 71)), 1000)) < shot.seconds:
        times.append(after)
    return Scene(name=name, shots=[shot], times=times)


def _straight(*, start: Pose, end: Pose, seconds: float) -> Callable[[float], Pose]:
    """Move steadily from one pose to another."""

    def at(time: float) -> Pose:
        part = time / seconds
        return Pose(
            x=start.x + (end.x - start.x) * part,
            y=start.y + (end.y - start.y) * part,
            height=start.height + (end.height - start.height) * part,
            angle=start.angle + (end.angle - start.angle) * part,
        )

    return at


def _nearer() -> Actor:
    way = _straight(start=Pose(x=160, y=110, height=36), end=Pose(x=420, y=200, height=230), seconds=3)
    return Actor(face=astronaut(), pose=way)


def _turning() -> Actor:
    def at(time: float) -> Pose:
        return Pose(
            x=330 + 120 * sin(time * 2.2), y=170 + 12 * sin(time * 9), height=110, angle=20 * sin(time * 2 * pi)
        )

    return Actor(face=astronaut(), pose=at)


def _behind_a_bar() -> Shot:
    # The bar covers a part of the standing face for 1 s, and all of it for half as long.
    walk = _straight(start=Pose(x=120, y=180, height=80), end=Pose(x=220, y=150, height=80), seconds=3)
    return Shot(
        seconds=3,
        background="brick",
        actors=[
            Actor(face=astronaut(), pose=walk),
            Actor(face=person(3), pose=lambda time: Pose(x=470 + 15 * sin(time * 3), y=170, height=64)),
        ],
        bars=[
            Bar(left=lambda time: -350 + 280 * time, width=110),
            Bar(left=lambda time: 760 - 190 * time, width=90),
        ],
    )


def _passing() -> Shot:
    return Shot(
        seconds=4,
        background="chelsea",
        actors=[
            Actor(
                face=astronaut(),
                pose=_straight(
                    start=Pose(x=-80, y=170, height=100), end=Pose(x=WIDTH + 80, y=190, height=110), seconds=4
                ),
            ),
            Actor(
                face=person(33),
                pose=_straight(
                    start=Pose(x=520, y=-60, height=60), end=Pose(x=500, y=HEIGHT + 60, height=60), seconds=4
                ),
            ),
        ],
    )


def _cut() -> Sequence[Shot]:
    def standing(number: int, *, x: float, y: float, height: float) -> Actor:
        return Actor(face=person(number), pose=lambda time: Pose(x=x + 8 * time, y=y, height=height, angle=3 * time))

    return [
        Shot(seconds=0.8, background="rocket", actors=[standing(15, x=140, y=120, height=70)]),
        Shot(seconds=0.6, background="coffee"),
        Shot(seconds=1, background="brick", actors=[standing(24, x=470, y=220, height=90)]),
        Shot(seconds=0.2, background="chelsea", actors=[standing(36, x=300, y=100, height=60)]),
        Shot(seconds=1, background="grass", actors=[standing(15, x=140, y=240, height=70), _turning()]),
    ]


def _crossing() -> Shot:
    return Shot(
        seconds=3,
        background="coffee",
        actors=[
            Actor(
                face=person(24),
                pose=_straight(start=Pose(x=100, y=170, height=80), end=Pose(x=540, y=180, height=80), seconds=3),
            ),
            Actor(
                face=astronaut(),
                pose=_straight(start=Pose(x=560, y=190, height=100), end=Pose(x=90, y=160, height=100), seconds=3),
            ),
        ],
    )


def _filling() -> Shot:
    way = _straight(start=Pose(x=320, y=190, height=230), end=Pose(x=300, y=170, height=460), seconds=3)
    return Shot(seconds=3, background="gravel", actors=[Actor(face=astronaut(), pose=way)])


def _crowd() -> Shot:
    def walker(number: int, *, at: int) -> Actor:
        x, y = 80 + 96 * at, 90 + 45 * (at % 3) + 60 * (at % 2)
        return Actor(
            face=person(number),
            pose=lambda time: Pose(
                x=x - 45 * time + 4 * sin(7 * time + at), y=y + 5 * sin(8 * time + at), height=44 + 6 * time
            ),
        )

    return Shot(
        seconds=3,
        background="rocket",
        pan=45,
        actors=[walker(it, at=at) for at, it in enumerate((1, 3, 15, 24, 33, 36))],
    )


def _small() -> Shot:
    def walker(number: int, *, y: float, speed: float) -> Actor:
        return Actor(
            face=person(number), pose=lambda time: Pose(x=320 - speed * 1.5 + speed * time, y=y, height=32, angle=5)
        )

    return Shot(
        seconds=3,
        background="brick",
        actors=[walker(1, y=80, speed=60), walker(15, y=180, speed=-40), walker(36, y=280, speed=90)],
    )
