"""The labelled set: synthetic videos of real faces, the same each time."""

from collections.abc import Callable, Sequence
from dataclasses import replace
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
        _scene("glimpses", _glimpses(), rate=Fraction(30)),
        _in_size("fast in 720p", _fast(width=1280, height=720, speeds=(300, 500, 800)), width=1280, height=720),
        _in_size("fast in 1080p", _fast(width=1920, height=1080, speeds=(300, 600, 1000)), width=1920, height=1080),
        _in_size("fast pan in 1080p", _panned(), width=1920, height=1080),
    ]


def _scene(name: str, *shots: Shot, rate: Fraction) -> Scene:
    seconds = sum(shot.seconds for shot in shots)
    return Scene(name=name, shots=shots, times=[number / rate for number in range(int(seconds * rate))])


def _in_size(name: str, shot: Shot, *, width: int, height: int) -> Scene:
    return replace(_scene(name, shot, rate=Fraction(30)), width=width, height=height)


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


def _glimpses() -> Shot:
    """Show faces for less than the time between two looks."""

    def shown(*, start: float, seconds: float, x: float, height: float) -> Callable[[float], Pose]:
        return lambda time: Pose(x=x if start <= time < start + seconds else -1000, y=170, height=height)

    return Shot(
        seconds=2.7,
        background="coffee",
        actors=[
            Actor(face=astronaut(), pose=shown(start=0.13, seconds=0.067, x=200, height=120)),
            Actor(face=astronaut(), pose=shown(start=1.33, seconds=0.034, x=480, height=64)),
            Actor(face=person(24), pose=shown(start=2.53, seconds=0.067, x=330, height=80)),
        ],
    )


def _fast(*, width: int, height: int, speeds: tuple[float, float, float]) -> Shot:
    """Let faces of 36, 60 and 130 pixels pass one below the other. `speeds`: in pixels a second."""

    def runner(size: float, *, speed: float, y: float, from_right: bool) -> Actor:
        way = 1 if not from_right else -1
        start = width * 0.1 if not from_right else width * 0.9
        return Actor(face=astronaut(), pose=lambda time: Pose(x=start + way * speed * time, y=y, height=size))

    small, middle, large = speeds
    return Shot(
        seconds=1,
        background="coffee",
        actors=[
            runner(36, speed=small, y=height * 0.15, from_right=False),
            runner(60, speed=middle, y=height * 0.4, from_right=False),
            runner(130, speed=large, y=height * 0.75, from_right=True),
        ],
    )


def _panned() -> Shot:
    """Pan over standing faces, at 800 pixels a second."""

    def standing(number: int, *, x: float, y: float, height: float) -> Actor:
        return Actor(face=person(number), pose=lambda time: Pose(x=x - 800 * time, y=y, height=height))

    return Shot(
        seconds=0.8,
        background="rocket",
        pan=800,
        actors=[
            standing(15, x=700, y=400, height=60),
            standing(24, x=830, y=430, height=64),
            standing(36, x=1400, y=600, height=70),
        ],
    )
