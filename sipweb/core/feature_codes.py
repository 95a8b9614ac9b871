"""Feature codes: what an account may dial besides numbers. They take precedence over the routing rules."""

from dataclasses import dataclass
from enum import StrEnum

from .dial_patterns import parse
from .snapshot import PbxSettings


class Feature(StrEnum):
    """A feature by the setting that has its code."""

    ECHO_TEST = "echo_test"
    PICKUP = "pickup"
    WITHHOLD = "withhold_prefix"


PREFIXES = frozenset({Feature.WITHHOLD})  # a number follows the code
OFF = ""  # the code of a feature that is turned off


@dataclass(frozen=True, slots=True)
class DialledFeature:
    """A feature that was dialled, and the number that follows its code."""

    feature: Feature
    number: str = ""


def feature_codes(settings: PbxSettings) -> dict[Feature, str]:
    """Return the codes of the features that are turned on."""
    codes = {feature: getattr(settings, feature) for feature in Feature}
    return {feature: code for feature, code in codes.items() if code != OFF}


def dialled_feature(number: str, settings: PbxSettings) -> DialledFeature | None:
    """Return the feature that a number without separators stands for, if any."""
    for feature, code in feature_codes(settings).items():
        if number == code or (feature in PREFIXES and number.startswith(code)):
            return DialledFeature(feature, number.removeprefix(code))
    return None


def codes_before_rule(pattern: str, settings: PbxSettings) -> tuple[str, ...]:
    """Return the feature codes that a dial pattern matches too: a rule with this pattern never gets them."""
    matches = parse(pattern).matches
    return tuple(
        code for feature, code in feature_codes(settings).items() if any(map(matches, _samples(feature, code)))
    )


def _samples(feature: Feature, code: str) -> tuple[str, ...]:
    """Return what may be dialled with a code: itself, and with a prefix numbers of up to 15 equal digits."""
    if feature not in PREFIXES:
        return (code,)
    return tuple(code + digit * length for digit in "0123456789" for length in range(16))
