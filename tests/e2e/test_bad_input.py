"""Bad input over real HTTP: a clear 4xx that says what to do, never a 5xx, nothing lost, and the next request works.

Each case is one line of a table: what is sent, the status, and words that the `error` must hold.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from tests.helpers.serving import MIXED, PEPPER, catalogue, infer_json, recorded_rows, running, served
from watchkeeper.gateway.asgi import Gateway
from watchkeeper.gateway.limits import Limits
from watchkeeper.journal.memory import MemoryJournal

pytestmark = pytest.mark.e2e

LIMITS = Limits(body_bytes=200_000, elements=1_000, tensors=50, text_bytes=1_000, header_bytes=8_000, body_seconds=2)
M = "/v2/models/m/infer"
MIX = "/v2/models/mixed/infer"


class Case(NamedTuple):
    """One request and what must come back."""

    name: str
    body: bytes
    says: str
    status: int = 400
    path: str = M
    method: str = "POST"
    headers: Mapping[str, str] = MappingProxyType({})


def raw(data: str, shape: str = "[1,2]", datatype: str = "FP64", name: str = "rows") -> bytes:
    """An infer request of one tensor whose parts are JSON text as it stands."""
    return f'{{"inputs":[{{"name":"{name}","shape":{shape},"datatype":"{datatype}","data":{data}}}]}}'.encode()


def tensor(name: str, data: Any, datatype: str = "FP64", shape: list[int] | None = None) -> dict[str, Any]:
    return {"name": name, "shape": shape or [len(data)], "datatype": datatype, "data": data}


def request(*inputs: Any, **extra: Any) -> bytes:
    return json.dumps({"inputs": inputs, **extra}).encode()


def mixed(**changed: Any) -> bytes:
    """A request of the mixed model with some tensors replaced, or left out where None."""
    tensors = {
        "age": tensor("age", [1.0]),
        "carrier": tensor("carrier", ["AA"], "BYTES"),
        "member": tensor("member", [True], "BOOL"),
        "born": tensor("born", ["2000-01-01"], "BYTES"),
    }
    return request(*(item for item in {**tensors, **changed}.values() if item is not None))


def not_json() -> Iterator[Case]:
    """Bodies that are no JSON at all."""
    good = infer_json([[1, 2]])
    for name, body in {
        "an empty body": b"",
        "spaces": b"   \r\n",
        "a byte": b"\x00",
        "a word": b"hello",
        "a brace": b"{",
        "half a request": good[: len(good) // 2],
        "all but the last byte": good[:-1],
        "something after the end": good + b"x",
        "two requests": good + good,
        "single quotes": b"{'inputs': []}",
        "a trailing comma": b'{"inputs":[],}',
        "a comment": b'{"inputs":[] /* none */}',
        "form data": b"inputs=1&outputs=2",
        "XML": b"<inputs/>",
        "YAML": b"inputs:\n  - name: x",
        "UTF-16": good.decode().encode("utf-16"),
        "a byte order mark": b"\xef\xbb\xbf" + good,
        "random bytes": bytes(range(256)),
        "a pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix",
        "a PNG": b"\x89PNG\r\n\x1a\n",
        "an unquoted key": b"{inputs: []}",
        "True of Python": raw("[True, 1]"),
        "a leading zero": raw("[01, 2]"),
        "a leading plus": raw("[+1, 2]"),
        "a bare point": raw("[.5, 2]"),
        "hexadecimal": raw("[0x10, 2]"),
        "an open string": b'{"inputs": "',
        "a control character in a string": b'{"id":"a\x01b","inputs":[]}',
        "a missing colon": b'{"inputs" []}',
    }.items():
        yield Case(f"not JSON: {name}", body, "")
    yield Case("not JSON: gzip", b"\x1f\x8b\x08\x00\x00", "compressed")
    yield Case("not JSON: NaN", raw("[NaN, 1]"), "null for a missing value")
    yield Case("not JSON: nested NaN", raw("[[NaN, 1]]"), "null for a missing value")
    yield Case("not JSON: Infinity", raw("[Infinity, 1]"), "null for a missing value")
    yield Case("not JSON: -Infinity", raw("[-Infinity, 1]"), "null for a missing value")
    yield Case("not JSON: invalid UTF-8 in the id", b'{"id":"\xff","inputs":[]}', "UTF-8")
    yield Case("not JSON: invalid UTF-8 in a text", mixed().replace(b'"AA"', b'"\xc3\x28"'), "UTF-8", path=MIX)
    yield Case("not JSON: an encoded surrogate", mixed().replace(b'"AA"', b'"\xed\xa0\x80"'), "UTF-8", path=MIX)
    yield Case("not JSON: a lone surrogate", mixed().replace(b'"AA"', b'"\\ud800"'), "not valid JSON", path=MIX)
    yield Case("not JSON: a lone low surrogate", mixed().replace(b'"AA"', b'"\\udc00"'), "not valid JSON", path=MIX)
    yield Case("not JSON: half an escape", mixed().replace(b'"AA"', b'"\\u12"'), "not valid JSON", path=MIX)
    yield Case("not JSON: a lone surrogate in a name", raw("[1,2]", name="\\ud800"), "JSON")


def wrong_structure() -> Iterator[Case]:
    """JSON, but no infer request."""
    for name, body in {
        "null": b"null",
        "true": b"true",
        "a number": b"1",
        "a string": b'"inputs"',
        "an array": b"[]",
        "an empty object": b"{}",
        "KServe V1": b'{"instances":[[1,2]]}',
        "inputs null": b'{"inputs":null}',
        "inputs a string": b'{"inputs":"x"}',
        "inputs an object": b'{"inputs":{"a":1}}',
        "inputs of numbers": b'{"inputs":[1,2]}',
        "inputs of null": b'{"inputs":[null]}',
        "an input without a name": b'{"inputs":[{"shape":[1],"datatype":"FP64","data":[1]}]}',
        "an input without a shape": b'{"inputs":[{"name":"a","datatype":"FP64","data":[1]}]}',
        "an input without a datatype": b'{"inputs":[{"name":"a","shape":[1],"data":[1]}]}',
        "a name that is a number": b'{"inputs":[{"name":1,"shape":[1],"datatype":"FP64","data":[1]}]}',
        "a name that is null": b'{"inputs":[{"name":null,"shape":[1],"datatype":"FP64","data":[1]}]}',
        "a datatype that is a number": b'{"inputs":[{"name":"a","shape":[1],"datatype":64,"data":[1]}]}',
        "a shape that is a number": raw("[1,2]", "2"),
        "a shape of strings": raw("[1,2]", '["1","2"]'),
        "a shape of fractions": raw("[1,2]", "[1.5,2]"),
        "a shape of null": raw("[1,2]", "[null,2]"),
        "an id that is a number": infer_json([[1, 2]], id=7),
        "an id that is an object": infer_json([[1, 2]], id={}),
        "parameters that are a list": infer_json([[1, 2]], parameters=[]),
        "outputs that are names": infer_json([[1, 2]], outputs=["label"]),
        "outputs that are an object": infer_json([[1, 2]], outputs={}),
    }.items():
        yield Case(f"structure: {name}", body, "structure")


def wrong_tensors() -> Iterator[Case]:
    """Tensors that contradict themselves."""
    for name, body, says in (
        ("no data", b'{"inputs":[{"name":"rows","shape":[1,2],"datatype":"FP64"}]}', "has no data"),
        ("data null", raw("null"), "not FP64"),
        ("data a number", raw("5"), "not FP64"),
        ("data a string", raw('"1,2"'), "not FP64"),
        ("data an object", raw('{"0":1}'), "not FP64"),
        ("base64", raw('"AAAAAAAA8D8="'), "not FP64"),
        ("empty data", raw("[]"), "its data hold 0"),
        ("too few values", raw("[1]"), "2 values, but its data hold 1"),
        ("too many values", raw("[1,2,3]"), "its data hold 3"),
        ("too many rows", raw("[[1,2],[3,4]]"), "its data hold 2 rows"),
        ("no rows in a row", raw("[[]]"), "0 values instead of 2"),
        ("ragged rows", raw("[[1,2],[3]]", "[2,2]"), "row 1"),
        ("ragged the other way", raw("[[1],[2,3]]", "[2,2]"), "row 0"),
        ("flat and nested mixed", raw("[[1,2],3]", "[2,2]"), "not FP64"),
        ("nested and flat mixed", raw("[1,[2]]"), "not FP64"),
        ("three levels", raw("[[[1,2]]]"), "not FP64"),
        ("three dimensions", raw("[1,2]", "[1,1,2]"), "3 dimensions"),
        ("no dimension", raw("[1,2]", "[]"), "0 dimensions"),
        ("zero rows", raw("[]", "[0,2]"), "at least one row"),
        ("zero columns", raw("[]", "[1,0]"), "columns"),
        ("a negative row count", raw("[1,2]", "[-1,2]"), "no negative"),
        ("a negative width", raw("[1,2]", "[1,-2]"), "-2 columns"),
        ("a transposed shape", raw("[1,2]", "[2,1]"), "1 columns; the model takes 2"),
        ("the wrong width", raw("[1,2,3]", "[1,3]"), "3 columns; the model takes 2"),
        ("a flat shape", raw("[1,2]", "[2]"), "is no feature"),
        ("a string among numbers", raw('[1,"2"]'), "not FP64"),
        ("an empty string among numbers", raw('[1,""]'), "not FP64"),
        ("a boolean among numbers", raw("[1,true]"), "not FP64"),
        ("an object among numbers", raw("[1,{}]"), "not FP64"),
        ("a float beyond range", raw("[1e999,1]"), "not FP64"),
        ("a negative float beyond range", raw("[-1e999,1]"), "not FP64"),
        ("an integer beyond float64", raw("[1" + "0" * 400 + ",1]"), "not FP64"),
        ("an integer of 5,000 digits", raw("[1" + "0" * 5000 + ",1]"), "not FP64"),
        ("INT64 beyond its range", raw(f"[{2**63},1]", datatype="INT64"), "not INT64"),
        ("INT64 of 5,000 digits", raw("[1" + "0" * 5000 + ",1]", datatype="INT64"), "not INT64"),
        ("INT64 below its range", raw(f"[{-(2**63) - 1},1]", datatype="INT64"), "not INT64"),
        ("INT32 beyond its range", raw(f"[{2**31},1]", datatype="INT32"), "not INT32"),
        ("INT8 beyond its range", raw("[128,1]", datatype="INT8"), "not INT8"),
        ("UINT8 beyond its range", raw("[256,1]", datatype="UINT8"), "not UINT8"),
        ("UINT8 below zero", raw("[-1,1]", datatype="UINT8"), "not UINT8"),
        ("UINT64 below zero", raw("[-1,1]", datatype="UINT64"), "not UINT64"),
        ("a fraction in INT64", raw("[1.5,1]", datatype="INT64"), "not INT64"),
        ("a number in BOOL", raw("[1,0]", datatype="BOOL"), "not BOOL"),
        ("texts for numbers", raw('["a","b"]', datatype="BYTES"), "the features are numbers"),
        ("an unknown datatype", raw("[1,2]", datatype="FLOAT"), "Use one of BOOL"),
        ("a lower-case datatype", raw("[1,2]", datatype="fp64"), "Use one of BOOL"),
        ("an empty datatype", raw("[1,2]", datatype=""), "Use one of BOOL"),
        ("a datatype of NumPy", raw("[1,2]", datatype="float64"), "Use one of BOOL"),
        ("BF16", raw("[1,2]", datatype="BF16"), "Use one of BOOL"),
        ("a very long datatype", raw("[1,2]", datatype="F" * 5000), "Use one of BOOL"),
    ):
        yield Case(f"tensor: {name}", body, says)


def wrong_features() -> Iterator[Case]:
    """Tensors that do not fit the model."""
    age, size = tensor("age", [1.0]), tensor("size", [2])
    for name, body, says in (
        ("no inputs", request(), "has no inputs. Send age, size"),
        ("one missing", request(age), "'size' is missing"),
        ("the other missing", request(size), "'age' is missing"),
        ("one extra", request(age, size, tensor("income", [1.0])), "'income' is no feature"),
        ("one misspelt", request(age, tensor("Size", [1.0])), "'Size' is no feature"),
        ("an empty name", request(tensor("", [1.0])), "is no feature"),
        ("one twice", request(age, age, size), "'age' is sent more than once"),
        ("both twice", request(age, size, age, size), "more than once"),
        (
            "two matrices",
            request(tensor("a", [[1, 2]], shape=[1, 2]), tensor("b", [[1, 2]], shape=[1, 2])),
            "no feature",
        ),
        ("different numbers of rows", request(age, tensor("size", [1, 2])), "'size' has 2 rows, but 'age' has 1"),
        ("a feature of two columns", request(tensor("age", [1, 2], shape=[1, 2]), size), "'age' has shape [1, 2]"),
        ("a text for a number", request(tensor("age", ["old"], "BYTES"), size), "'age' is a number"),
        ("a number as text", request(tensor("age", ["1"], "BYTES"), size), "'age' is a number"),
        ("a name of another script", request(tensor("возраст", [1.0]), size), "is no feature"),
        ("a name with markup", request(tensor("<script>alert(1)</script>", [1.0]), size), "is no feature"),
        ("a name of 5,000 letters", request(tensor("a" * 5000, [1.0]), size), "is no feature"),
        ("a name with a null", request(tensor("age\x00", [1.0]), size), "is no feature"),
        ("SQL for a name", request(tensor("age'; DROP TABLE models;--", [1.0]), size), "is no feature"),
        ("a column path for a name", request(tensor("input.age", [1.0]), size), "is no feature"),
    ):
        yield Case(f"features: {name}", body, says)
    for name, body, says in (
        ("a number for a text", mixed(carrier=tensor("carrier", [1.0])), "'carrier' is text"),
        ("a boolean for a text", mixed(carrier=tensor("carrier", [True], "BOOL")), "'carrier' is text"),
        ("numbers in BYTES", mixed(carrier=tensor("carrier", [1], "BYTES")), "not BYTES"),
        ("objects in BYTES", mixed(carrier=tensor("carrier", [{}], "BYTES")), "not BYTES"),
        ("lists in BYTES", mixed(carrier=tensor("carrier", [["AA", "BB"]], "BYTES")), "2 values instead of 1"),
        ("a text for a boolean", mixed(member=tensor("member", ["yes"], "BYTES")), "'member' is a number"),
        ("no time", mixed(born=tensor("born", ["yesterday"], "BYTES")), "'born', row 0, is not a time"),
        ("a time of another calendar", mixed(born=tensor("born", ["31.12.1999"], "BYTES")), "is not a time"),
        ("a time that is too large", mixed(born=tensor("born", [1e300])), "'born', row 0,"),
        ("a month 13", mixed(born=tensor("born", ["2000-13-01"], "BYTES")), "is not a time"),
        ("a missing text feature", mixed(carrier=None), "'carrier' is missing"),
        ("one matrix", infer_json([[1, 2, 3, 4]]), "'carrier', which is not a number"),
    ):
        yield Case(f"mixed features: {name}", body, says, path=MIX)


def too_much() -> Iterator[Case]:
    """Sizes and depths beyond the limits."""
    deep = 100_000
    many = request(*(tensor(f"f{index}", [1.0]) for index in range(51)))
    for name, body, status, says in (
        ("a body beyond the limit", b" " * 200_001, 413, "larger than 200000 bytes"),
        ("a good body beyond the limit", infer_json([[1, 2]]) + b" " * 200_001, 413, "larger than 200000 bytes"),
        ("more values than allowed", raw("[1,2]", "[501,2]"), 413, "more than 1000"),
        ("a shape of 10^18", raw("[1,2]", f"[{10**18},2]"), 413, "more than 1000"),
        ("a shape of 10^30", raw("[1,2]", f"[{10**30},2]"), 413, "more than 1000"),
        ("more tensors than allowed", many, 413, "51 tensors"),
        ("a text beyond the limit", mixed(carrier=tensor("carrier", ["x" * 1001], "BYTES")), 413, "1001 characters"),
        ("an id beyond the limit", infer_json([[1, 2]], id="x" * 257), 400, "257 characters"),
        ("arrays 100,000 deep", b"[" * deep + b"]" * deep, 400, ""),
        ("arrays 100,000 deep, never closed", b"[" * deep, 400, ""),
        ("inputs 50,000 deep", b'{"inputs":' + b"[" * 50_000 + b"]" * 50_000 + b"}", 400, "structure"),
        ("data 50,000 deep", raw("[" * 50_000 + "]" * 50_000), 400, "too deep"),
        (
            "parameters 20,000 deep",
            b'{"inputs":[],"parameters":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_001,
            400,
            "deep",
        ),
        ("an unknown field 20,000 deep", b'{"x":' * 20_000 + b"1" + b"}" * 20_000, 400, "too deep"),
        ("100,000 inputs", b'{"inputs":[' + b"1," * 90_000 + b"1]}", 400, "structure"),
    ):
        yield Case(f"size: {name}", body, says, status, path=MIX if b"carrier" in body else M)


def wrong_extras() -> Iterator[Case]:
    """Ids, outputs, times and headers."""
    good = infer_json([[1, 2]])
    yield Case("outputs: unknown", infer_json([[1, 2]], outputs=[{"name": "shap"}]), "gives label, probability")
    yield Case("outputs: no name", infer_json([[1, 2]], outputs=[{}]), "structure")
    yield Case("outputs: an empty name", infer_json([[1, 2]], outputs=[{"name": ""}]), "does not exist")
    times: dict[str, Any] = {
        "a word": "yesterday",
        "true": True,
        "an object": {},
        "an empty text": "",
        "too early": -5,
        "too late": "2600-01-01",
        "too large": 1e30,
        "one too many": [1, 2],
        "none at all": [],
        "a list of words": ["now"],
        "a list of null": [None],
        "nested lists": [[1]],
    }
    for name, value in times.items():
        yield Case(f"event time: {name}", infer_json([[1, 2]], parameters={"event_time": value}), "event_time")
    for value in ("yesterday", "", "2013-13-01", "1e999", "nan", "-1"):
        yield Case(f"Event-Time: {value!r}", good, "Header Event-Time", headers={"Event-Time": value})
    yield Case("gzip declared", good, "Compressed", 415, headers={"Content-Encoding": "gzip"})
    yield Case("deflate declared", good, "Compressed", 415, headers={"Content-Encoding": "deflate"})
    yield Case("binary tensors", good, "Binary tensors", 415, headers={"Inference-Header-Content-Length": "10"})
    yield Case("headers of 9,000 bytes", good, "headers", 431, headers={"X-Long": "x" * 9000})


def wrong_paths() -> Iterator[Case]:
    """Models, versions, paths and methods that do not exist."""
    good = infer_json([[1, 2]])
    for path, status, says in (
        ("/v2/models/none/infer", 404, "Models: m, mixed."),
        ("/v2/models/M/infer", 400, "Use 1 to 64 of a-z"),
        ("/v2/models/m%20/infer", 400, "not allowed"),
        ("/v2/models//infer", 400, "not allowed"),
        ("/v2/models/../infer", 400, "not allowed"),
        ("/v2/models/..%2F..%2Fetc%2Fpasswd/infer", 400, "not allowed"),
        ("/v2/models/%2e%2e/infer", 400, "not allowed"),
        ("/v2/models/m%00/infer", 400, "not allowed"),
        ("/v2/models/m%0d%0aX:%201/infer", 400, "not allowed"),
        ("/v2/models/m 1/infer", 400, "percent-encode the path"),
        ("/v2/models/%F0%9F%98%80/infer", 400, "not allowed"),
        ("/v2/models/%FF/infer", 400, "not allowed"),
        ("/v2/models/" + "a" * 65 + "/infer", 400, "not allowed"),
        ("/v2/models/" + "a" * 5000 + "/infer", 400, "not allowed"),
        ("/v2/models/<script>/infer", 400, "not allowed"),
        ("/v2/models/m'--/infer", 400, "not allowed"),
        ("/v2/models/m/versions/9/infer", 404, "Versions: 1."),
        ("/v2/models/m/versions/../infer", 400, "not allowed"),
        ("/v2/models/m/versions//infer", 400, "not allowed"),
        ("/v2/models/m/versions/1/explain", 404, "Use infer, ready or feedback"),
        ("/v2/models/m/generate", 404, "Use infer, ready or feedback"),
        ("/v2/models/m/versions/1/feedback", 404, "Use infer, ready or feedback"),
        ("/v2/models/m/infer/more", 404, "no path"),
        ("/v2/models/m/versions/1/infer/more", 404, "no path"),
        ("/v2/unknown", 404, "See /v2"),
        ("/v2/../v2/x", 404, "See /v2"),
        ("/v1/models/m:predict", 404, "/v2"),
        ("/", 404, "/v2"),
    ):
        yield Case(f"path: {path[:60]} {len(path)}", good, says, status, path=path)
    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        yield Case(f"method: {method} infer", b"", "Use POST", 405, method=method)
    yield Case("method: BREW infer", b"", "not valid HTTP", 400, method="BREW")
    for path in ("/v2", "/v2/models", "/v2/models/m", "/v2/models/m/ready", "/v2/health/ready", "/v2/health/live"):
        yield Case(f"method: POST {path}", good, "Use GET or HEAD", 405, path=path)


CASES = [
    *not_json(),
    *wrong_structure(),
    *wrong_tensors(),
    *wrong_features(),
    *too_much(),
    *wrong_extras(),
    *wrong_paths(),
]


@pytest.fixture(scope="module")
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture(scope="module")
def port(journal: MemoryJournal) -> Iterator[int]:
    gateway = Gateway(journal, pepper=PEPPER, limits=LIMITS)
    gateway.publish(catalogue(served(limits=LIMITS), served("mixed", features=MIXED, limits=LIMITS)))
    with running(gateway) as port:
        yield port


def send(port: int, case: Case) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, JSON body and headers of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection._validate_path = lambda path: None  # type: ignore[attr-defined]  # bad paths are the point
        connection.request(case.method, case.path, case.body, dict(case.headers))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), dict(answer.getheaders())
    finally:
        connection.close()


def good_request_works(port: int) -> str:
    """Send a good request; its prediction ID."""
    status, body, _ = send(port, Case("good", infer_json([[1, 2]]), ""))
    assert status == 200
    return str(body["parameters"]["prediction_id"])


def test_there_are_enough_cases_and_no_name_is_used_twice() -> None:
    assert len(CASES) >= 200
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_refused_in_words_and_harms_nothing(case: Case, port: int) -> None:
    status, body, _ = send(port, case)
    assert status == case.status
    assert list(body) == ["error"]
    assert case.says in body["error"]
    assert len(body["error"]) < 1_500
    assert "Traceback" not in body["error"]
    assert "site-packages" not in body["error"]
    good_request_works(port)


def test_after_all_of_it_good_requests_are_recorded_and_nothing_was_lost(port: int, journal: MemoryJournal) -> None:
    wanted = good_request_works(port)
    for _ in range(100):
        if any(row["prediction_id"] == wanted for row in recorded_rows(journal)):
            break
        time.sleep(0.02)
    rows = recorded_rows(journal)
    assert wanted in {row["prediction_id"] for row in rows}
    assert not [entry for entry in journal.read(0, 1 << 30) if entry.kind == "loss"]
    refused = [row for row in rows if row["status"] != 200]
    assert refused
    assert all(row["error"] and row["input.age"] is None for row in refused)
    assert {row["status"] for row in refused} <= {400, 413}


@pytest.mark.parametrize(
    "lines",
    [
        b"NONSENSE\r\n\r\n",
        b"POST /v2/models/m\xe9/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"POST /v2/models/m/infer HTTP/9.9\r\n\r\n",
        b"POST /v2/models/m/infer HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
        b"POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_ends_the_connection_and_nothing_else(lines: bytes, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(lines)
        answer = connection.recv(1000)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    good_request_works(port)


def test_a_body_that_never_comes_is_given_up(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        good_request_works(port)
        answer = connection.recv(4000)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"did not arrive within 2 seconds" in answer


def test_a_client_that_hangs_up_in_the_middle_harms_nothing(port: int) -> None:
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
    good_request_works(port)
