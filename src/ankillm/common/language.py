"""The languages that ankillm has words for."""

from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]
