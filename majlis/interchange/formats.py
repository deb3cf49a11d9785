"""The formats by their names on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from majlis.interchange import artalk, commento, coral, disqus, isso, remark42, wordpress
from majlis.interchange.taking import Reader

READERS: Mapping[str, Reader] = {
    "coral": coral.read,
    "disqus": disqus.read,
    "wordpress": wordpress.read,
    "isso": isso.read,
    "remark42": remark42.read,
    "artalk": artalk.read,
    "commento": commento.read,
}
