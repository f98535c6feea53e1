"""Text without the secrets that URLs and connection strings carry."""

from __future__ import annotations

import re

_HIDDEN = "***"
_USER = re.compile(r"(?<=://)[^/@\s?#]*:[^/@\s?#]*(?=@)")
#: Signatures and tokens in queries, headers and connection strings; what follows `=` or `:`.
_NAMED = re.compile(
    r"(?i)\b(sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|awsaccesskeyid|accountkey|"
    r"sharedaccesssignature|client_secret|access_token|refresh_token|assertion|secret_?access_?key|"
    r"session_?token|account_?key|password)(\"?\s*[=:]\s*\"?)[^\s&;,\"'<>]+"
)
_HEADER = re.compile(r"(?i)\b(SharedKey|Bearer|AWS4-HMAC-SHA256)(\s+)[^\s\"'<>][^\"'<>\n]*")
_MAC = re.compile(r"(?i)(MAC signature found in the HTTP request\s+')[^']*")


def scrub(text: str) -> str:
    """The same text with signatures, keys, tokens and passwords replaced by `***`.

    It knows how they are spelled in URLs, headers and connection strings, not their values.
    """
    text = _USER.sub(_HIDDEN, text)
    text = _NAMED.sub(rf"\1\2{_HIDDEN}", text)
    text = _MAC.sub(rf"\1{_HIDDEN}", text)
    return _HEADER.sub(rf"\1\2{_HIDDEN}", text)
