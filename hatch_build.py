"""What a package says of itself: addresses, and a README whose links work away from the repository.

`home` under `[tool.hatch.metadata.hooks.custom]` is the address of the repository, https://HOST/OWNER/NAME. With it
the links and pictures of the README become absolute, and the project's addresses are told. Without it nobody could
follow them: links become their words, pictures what they show.
"""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]*)\]\((?P<target>(?!https?://)[^)\s]+)\)")
PICTURE = re.compile(r'<img src="(?P<target>(?!https?://)[^"]+)"(?P<rest>[^>]*?)alt="(?P<words>[^"]*)">')
URLS = {
    "Repository": "",
    "Documentation": "/blob/main/docs/README.md",
    "Changelog": "/blob/main/CHANGELOG.md",
    "Issues": "/issues",
}


def description(readme: str, home: str) -> str:
    """Return the README as a package index may show it."""

    def link(match: re.Match[str]) -> str:
        absolute = f"[{match['words']}]({home}/blob/main/{match['target']})"
        return absolute if home else match["words"]

    def picture(match: re.Match[str]) -> str:
        absolute = f'<img src="{home}/raw/main/{match["target"]}"{match["rest"]}alt="{match["words"]}">'
        return absolute if home else f"({match['words']})"

    fences = re.split(r"(^`{3,}.*?^`{3,}$)", readme, flags=re.DOTALL | re.MULTILINE)
    prose = (PICTURE.sub(picture, LINK.sub(link, text)) for text in fences[::2])
    return "".join(text for pair in zip(prose, [*fences[1::2], ""], strict=True) for text in pair)


class Hook(MetadataHookInterface):
    """Fills in the fields that `dynamic` names."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the description and the addresses."""
        home = str(self.config.get("home", "")).rstrip("/")
        readme = Path(self.root, "README.md").read_text("utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": description(readme, home)}
        metadata["urls"] = {name: home + path for name, path in URLS.items()} if home else {}
