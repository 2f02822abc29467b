"""The generic generator of signals: sines, noise, quantisation, over many tags at once.

Randomness is a function of a key and a counter, not a stream: a tag's noise at a second is the same whoever else is
simulated and however time is cut into steps.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from quancheng.stream.simulator.physics import DAY_S, LOCAL_OFFSET_S, YEAR_S, Floats
from quancheng.stream.simulator.tags import TagSpec

Keys = NDArray[np.uint64]
Index = NDArray[np.intp]

#: A transmitter of 4-20 mA shows at most this share of its span beyond either end.
BEYOND_SPAN = 0.03
#: Steps of the 16-bit converter behind it.
_ADC_STEPS = 65_535
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A, _MIX_B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_TWO_32 = 2.0**32


def key_of(seed: int, *names: str) -> int:
    """A 64-bit key of names under a seed."""
    text = "\x1f".join((str(seed), *names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def keys_of(seed: int, names: Iterable[str]) -> Keys:
    return np.array([key_of(seed, name) for name in names], dtype=np.uint64)


def _bits(keys: Keys, counter: int, salt: int) -> Keys:
    """SplitMix64 of a key and a counter; a salt tells apart draws at the same second."""
    offset = np.uint64((counter * 64 + salt + 1) * int(_GOLDEN) & 0xFFFFFFFFFFFFFFFF)
    z = keys + offset
    z = (z ^ (z >> _S30)) * _MIX_A
    z = (z ^ (z >> _S27)) * _MIX_B
    return z ^ (z >> _S31)


def uniforms(keys: Keys, counter: int, salt: int = 0) -> Floats:
    """One number in [0, 1) for each key. Salts are 0 to 63."""
    return (_bits(keys, counter, salt) >> _S32).astype(np.float64) / _TWO_32


def normals(keys: Keys, counter: int, salt: int = 0) -> Floats:
    """One number of the standard normal distribution for each key (Box-Muller)."""
    bits = _bits(keys, counter, salt)
    first = ((bits >> _S32).astype(np.float64) + 1.0) / _TWO_32
    second = (bits & _LOW).astype(np.float64) / _TWO_32
    return np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * math.pi * second)


class Block:
    """Tags that are sampled at the same instants.

    :ivar index: place of each tag in the whole simulation.
    """

    def __init__(self, index: Index, specs: Sequence[TagSpec], keys: Keys) -> None:
        waves = [spec.wave for spec in specs]
        scans = np.array([spec.scan_s for spec in specs], dtype=np.float64)
        self.index = index
        self._keys = keys
        self._base = np.array([wave.base for wave in waves])
        self._day = self._phasors([(wave.daily, wave.daily_peak_h / 24) for wave in waves])
        self._year = self._phasors([(wave.yearly, wave.yearly_peak_day * DAY_S / YEAR_S) for wave in waves])
        self._keep = np.exp(-scans / np.array([wave.tau_s for wave in waves]))
        self._sigma = np.array([wave.sigma for wave in waves])
        self._fresh = self._sigma * np.sqrt(1 - self._keep**2)
        self._noise: Floats | None = None
        self.low = np.array([spec.span[0] for spec in specs], dtype=np.float64)
        self.high = np.array([spec.span[1] for spec in specs], dtype=np.float64)
        self._floor = np.maximum([wave.floor for wave in waves], self.low - BEYOND_SPAN * (self.high - self.low))
        self._ceiling = self.high + BEYOND_SPAN * (self.high - self.low)
        self._steps = 1 / np.array([wave.resolution for wave in waves])
        self._lsb = (self.high - self.low) / _ADC_STEPS

    @staticmethod
    def _phasors(amplitudes: list[tuple[float, float]]) -> Floats:
        """Amplitudes of cosine and sine, from amplitude and place of the peak as a share of the period."""
        amplitude, peak = np.array(amplitudes, dtype=np.float64).reshape(-1, 2).T
        return np.stack([amplitude * np.cos(2 * math.pi * peak), amplitude * np.sin(2 * math.pi * peak)])

    def signal(self, at_s: int, process: Floats) -> Floats:
        """Base, sines and what the process adds, for one instant."""
        day = 2 * math.pi * ((at_s + LOCAL_OFFSET_S) % DAY_S) / DAY_S
        year = 2 * math.pi * (at_s % YEAR_S) / YEAR_S
        steady: Floats = (
            self._base
            + self._day[0] * math.cos(day)
            + self._day[1] * math.sin(day)
            + self._year[0] * math.cos(year)
            + self._year[1] * math.sin(year)
        )
        return steady + process

    def noise(self, at_s: int) -> Floats:
        """The noise at the next instant; to be asked once for each, in order."""
        fresh = normals(self._keys, at_s)
        self._noise = self._sigma * fresh if self._noise is None else self._keep * self._noise + self._fresh * fresh
        return self._noise

    def read(self, values: Floats) -> Floats:
        """What the instrument shows: held to its range, converted with 16 bits, rounded to its resolution."""
        held = np.minimum(np.maximum(values, self._floor), self._ceiling)
        converted = self.low + np.rint((held - self.low) / self._lsb) * self._lsb
        return np.rint(converted * self._steps) / self._steps
