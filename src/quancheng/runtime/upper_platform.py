"""An upper platform on loopback, to try the exchange on: takes the seven tables of dual prevention in three ways and
permits and alarms of special work in a fourth, checks rows by rules of its own, and can be told to be slow, to fail, to
refuse, to lose its answers and to give receipts later. What it has lies in memory, or in a folder. Never for anything
but trials."""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

LARGEST = 64 * 1024 * 1024
#: Table: parents, and what must not be empty. Written from the spec a second time, for its own.
RULES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "t_aqfxfxdy": ({}, ("hazardDep", "hazardLiablePerson", "riskUnitName")),
    "t_aqfxsj": ({"riskUnitId": "t_aqfxfxdy"}, ("riskUnitId", "riskEventName")),
    "t_aqfxgkcs": (
        {"riskEventId": "t_aqfxsj"},
        ("riskEventId", "dataSrc", "riskMeasureDesc", "classify1", "classify2", "troubleshootContent"),
    ),
    "t_yhpcrwxx": (
        {"riskMeasureId": "t_aqfxgkcs"},
        ("riskMeasureId", "troubleshootContent", "checkCycle", "checkCycleUnit", "taskStartTime", "workDayType"),
    ),
    "t_tyjxjl": ({"riskUnitId": "t_aqfxfxdy"}, ("riskUnitId", "stopStartTime", "stopEndTime", "stopReason")),
    "t_yhpcjl": ({"checkTaskId": "t_yhpcrwxx"}, ("checkTaskId", "checkTime", "checkStatus", "isDefend")),
    "t_yhzlxx": (
        {"riskMeasureId": "t_aqfxgkcs", "checkRecordId": "t_yhpcjl"},
        ("hazardCode", "dangerName", "registTime", "registrant", "dangerDesc", "liablePerson", "dangerManageDeadline"),
    ),
}
#: Records of special work, in the envelope of AQ 3064.1: what must not be empty.
WORK: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "SPECIAL_WORK_TICKET": ({}, (
        "COMPANY_NAME", "TICKET_TYPE", "START_TIME", "END_TIME", "TICKET_POSITION", "TICKET_CONTENT", "LONGITUDE",
        "LATITUDE", "TICKET_STATUS", "SUPERVISOR_NAME", "WORKER_NAME", "WORK_DEPARTMENT", "IS_CONTRACTOR_WORK",
        "TICKET_RESPONS_NAME", "MAJOR_PERSON_MOBILE", "IS_CHANGED", "IS_CANCELLED",
    )),
    "SPECIAL_WORK_ALARM": (
        {"TICKET_ID": "SPECIAL_WORK_TICKET"}, ("TICKET_ID", "ALARM_START_TIME", "ALARM_TYPE")
    ),
}  # fmt: skip
SERVICES = dict(zip(("dp_unit", "dp_event", "dp_measure", "dp_task", "dp_stop", "dp_record", "dp_danger"), RULES,
                    strict=True))  # fmt: skip
_ENVELOPE = ("IDENTIFIER", "UUID", "COMPANY_CODE", "PARK_CODE", "DELETED", "CREATE_TIME", "CREATE_BY", "UPDATE_TIME",
             "UPDATE_BY")  # fmt: skip
_TICKET_CODES = {
    "TICKET_TYPE": "0[123]|10|2[1234]|30|40|50|6[123]|70", "TICKET_STATUS": "[0-6]", "DELETED": "0|1",
    "ALARM_TYPE": "0[1-5]|10|20|3[01]|4[0-3]|5[0-2]|6[0-2]|70|80|90", "IS_CHANGED": "0|1", "IS_CANCELLED": "0|1",
    "IS_CONTRACTOR_WORK": "0|1",
}  # fmt: skip
_COMMON = ("id", "companyCode", "deleted", "createDate", "createBy", "updateDate", "updateBy")
_TIME = re.compile(r"\d{14}|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_TIMES = ("createDate", "updateDate", "taskStartTime", "stopStartTime", "stopEndTime", "checkTime", "registTime",
          "dangerManageDeadline", "checkAcceptTime")  # fmt: skip
_CODES = {"dataSrc": "1|2", "classify1": "[1-4]", "classify2": r"[1-4]-\d", "checkStatus": "[0-3]", "deleted": "0|1",
          "dangerState": "0|1|9", "dangerLevel": "0|1", "workDayType": "[0-2]", "isDefend": "0|1"}  # fmt: skip
_LONGEST = {"riskUnitName": 200, "riskEventName": 500, "riskMeasureDesc": 4000, "dangerName": 300}


class Platform(ThreadingHTTPServer):
    """Listens on loopback. ``orders`` is how it behaves: ``slow_s``, ``fail`` (answers to fail), ``lose`` (answers to
    cut off after the rows were taken), ``refuse`` (key to reason), ``hold`` (no receipts before it is told)."""

    daemon_threads = True

    def __init__(self, port: int, *, key: str = "", cipher: str = "", secret: str = "", folder: Path | None = None,
                 receipts: str = "") -> None:  # fmt: skip
        super().__init__(("127.0.0.1", port), _Handler)
        self.key, self.cipher, self.secret, self.folder, self.receipts = key, cipher, secret, folder, receipts
        self.tables: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in (*RULES, *WORK)}
        self.orders: dict[str, Any] = {}
        self.calls: list[dict[str, Any]] = []
        self.waiting: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        if folder is not None and (folder / "rows.json").is_file():
            self.tables |= json.loads((folder / "rows.json").read_text(encoding="utf-8"))

    def take(self, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Judge each row and keep the good ones; returns those refused."""
        refused = []
        with self.lock:
            refuse = self.orders.get("refuse") or {}
            for row in rows:
                key = _key(row.get("UUID") if name in WORK else row.get("id"))
                judge = _judge_work if name in WORK else _judge
                code, message = judge(name, row, self.tables)
                if not code and key in refuse:
                    code, message = 4009, str(refuse[key])
                if code:
                    refused.append({"id": row.get("UUID") or row.get("id"), "code": code, "message": message})
                else:
                    self.tables[name][key] = row
            if self.folder is not None:
                self.folder.mkdir(parents=True, exist_ok=True)
                kept = json.dumps(self.tables, ensure_ascii=False)
                (self.folder / "rows.json").write_text(kept, encoding="utf-8")
        return refused

    def counts(self, company: str) -> dict[str, Any]:
        return {
            "tables": {
                name: {"count": len(rows), "digest": _digest(rows)}
                for name in self.tables
                for rows in [self.versions(name, company)]
            }
        }

    def versions(self, name: str, company: str) -> list[tuple[str, str]]:
        """Key and version of each row of a table, by key."""
        with self.lock:
            rows = [
                (key, _version(row))
                for key, row in self.tables[name].items()
                if not company or (row.get("companyCode") or row.get("COMPANY_CODE")) == company
            ]
        return sorted(rows)

    def give_receipts(self) -> int:
        """Push what was judged meanwhile to the receiver; returns how many it took."""
        given = 0
        with self.lock:
            waiting, self.waiting = self.waiting, []
        for one in waiting:
            body = json.dumps(one, ensure_ascii=False).encode()
            sign = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
            asked = urllib.request.Request(  # noqa: S310 - an address of who runs the trial
                self.receipts, body, {"Content-Type": "application/json", "X-Sign": sign}
            )
            with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
                given += answer.status == 200
        return given


class _Handler(BaseHTTPRequestHandler):
    server: Platform

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        if parts.path == "/calls":
            self._json(200, {"calls": self.server.calls})
        elif parts.path == "/rows":
            self._json(200, {"tables": self.server.tables})
        elif parts.path != "/counts":
            self._json(404, {})
        elif asked.get("table"):
            rows = self.server.versions(asked["table"], asked.get("companyCode", ""))
            later = [pair for pair in rows if pair[0] > asked.get("after", "")]
            self._json(200, {"rows": later[: int(asked.get("limit", "5000"))]})
        else:
            self._json(200, self.server.counts(asked.get("companyCode", "")))

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST))
        parts = urlsplit(self.path).path.strip("/").split("/")
        if parts[0] == "orders":
            self.server.orders = json.loads(body)
            self._json(200, {})
            return
        if parts[0] == "receipts":
            self._json(200, {"given": self.server.give_receipts()})
            return
        orders = self.server.orders
        time.sleep(float(orders.get("slow_s") or 0))
        if int(orders.get("fail") or 0) > 0:
            orders["fail"] -= 1
            self._json(503, {"message": "busy"})
            return
        ways = {"a": self._park, "b": self._city, "c": self._relay, "d": self._work}
        if parts[0] not in ways:
            self._json(404, {})
            return
        status, answer = ways[parts[0]](parts, body)
        if int(orders.get("lose") or 0) > 0:
            orders["lose"] -= 1
            self.close_connection = True
            return
        self._json(status, answer)

    def _park(self, parts: list[str], body: bytes) -> tuple[int, dict[str, Any]]:
        given = json.loads(body)
        name = SERVICES.get(given.get("serviceId"))
        rows = self._open(given.get("data"))
        if name is None or rows is None:
            return 200, {"code": 4010, "message": "签名、令牌或密文有误"}
        self.server.calls.append({"way": "a", "table": name, "rows": len(rows), "batch": given.get("dataId")})
        refused = self.server.take(name, rows)
        return 200, {"code": 4009 if refused else 0, "message": "部分拒绝" if refused else "成功", "rejected": refused}

    def _work(self, parts: list[str], body: bytes) -> tuple[int, dict[str, Any]]:
        sign = hmac.new(self.server.secret.encode(), body, hashlib.sha256).hexdigest()
        given = json.loads(body)
        name, rows = str(given.get("IDENTIFIER")), self._open(given.get("DATA"))
        if not hmac.compare_digest(self.headers.get("X-Sign", ""), sign) or name not in WORK or rows is None:
            return 200, {"code": 4010, "message": "签名、令牌或密文有误"}
        self.server.calls.append({"way": "d", "table": name, "rows": len(rows), "batch": given.get("DATA_ID")})
        refused = self.server.take(name, rows)
        return 200, {"code": 4009 if refused else 0, "message": "部分拒绝" if refused else "成功", "rejected": refused}

    def _city(self, parts: list[str], body: bytes) -> tuple[int, dict[str, Any]]:
        given = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if not hmac.compare_digest(given.get("pwd", ""), self.server.secret) or len(parts) != 3:
            return 200, {"operateSuccess": False, "operateMessage": "4010 口令有误", "operateObj": None}
        name, act = parts[1:]
        if name not in RULES or act not in ("create", "update", "delete"):
            return 404, {}
        self.server.calls.append({"way": "b", "table": name, "act": act, "rows": 1})
        if act == "delete":
            return 200, self._delete(name, _key(given.get("ids")))
        row = {field.partition(".")[2]: value for field, value in given.items() if field.startswith(f"{name}.")}
        refused = self.server.take(name, [row])
        said = f"{refused[0]['code']} {refused[0]['message']}" if refused else "成功"
        return 200, {"operateSuccess": not refused, "operateMessage": said, "operateObj": row.get("id")}

    def _delete(self, name: str, key: str) -> dict[str, Any]:
        with self.server.lock:
            row = self.server.tables[name].get(key)
            if row is not None:
                row["deleted"] = "1"
        said = "成功" if row is not None else "4001 没有这条记录"
        return {"operateSuccess": row is not None, "operateMessage": said, "operateObj": key}

    def _relay(self, parts: list[str], body: bytes) -> tuple[int, dict[str, Any]]:
        given = json.loads(body)
        rows = self._open(given.get("data"))
        if not hmac.compare_digest(str(given.get("secretKey")), self.server.secret) or rows is None:
            return 401, {"code": 4010, "message": "密钥有误"}
        name, number = given["table"], uuid.uuid4().hex
        self.server.calls.append({"way": "c", "table": name, "rows": len(rows), "batch": given.get("dataId")})
        if rows:
            refused = self.server.take(name, rows)
            receipt = {"wbatchId": number, "batchId": uuid.uuid4().hex, "message": "回执", "rejected": refused}
            self.server.waiting.append(receipt)
            if self.server.receipts and not self.server.orders.get("hold"):
                threading.Timer(0.2, self.server.give_receipts).start()
        return 200, {"code": 0, "message": "已受理", "wbatchId": number}

    def _open(self, data: Any) -> list[dict[str, Any]] | None:
        """The rows of a batch; None where they are not under our key."""
        if not self.server.cipher:
            return data if isinstance(data, list) else None
        try:
            raw = base64.b64decode(str(data), validate=True)
            key = self.server.key.encode()
            block = algorithms.SM4(key) if self.server.cipher.startswith("sm4") else algorithms.AES(key)
            mode: modes.ECB | modes.CBC = modes.ECB()  # noqa: S305 - what some gateways ask for
            if not self.server.cipher.endswith("ecb"):
                mode, raw = modes.CBC(raw[:16]), raw[16:]
            worker, unpadder = Cipher(block, mode).decryptor(), padding.PKCS7(128).unpadder()
            plain = unpadder.update(worker.update(raw) + worker.finalize()) + unpadder.finalize()
            rows = json.loads(plain)
        except ValueError:
            return None
        return rows if isinstance(rows, list) else None

    def _json(self, status: int, what: Mapping[str, Any]) -> None:
        body = json.dumps(what, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: rows hold names and telephone numbers."""


def _judge(name: str, row: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> tuple[int, str]:
    """Why a row is refused; 0 where it is not."""
    parents, needed = RULES[name]
    for field in (*_COMMON, *needed):
        if str(row.get(field, "")) == "":
            return 4009, f"{field} 必填"
    for field in _TIMES:
        if row.get(field) and not _TIME.fullmatch(str(row[field])):
            return 4003, f"{field} 时间格式有误"
    for field, known in _CODES.items():
        if str(row.get(field, "")) and not re.fullmatch(known, str(row[field])):
            return 4002, f"{field} 代码有误"
    for field, most in _LONGEST.items():
        if len(str(row.get(field, ""))) > most:
            return 4004, f"{field} 超长"
    if len(str(row["companyCode"])) != 9:
        return 4004, "companyCode 应为9位"
    for field, parent in parents.items():
        if row.get(field) and _key(row[field]) not in tables[parent]:
            return 4001, f"{field} 上级记录不存在"
    before = tables[name].get(_key(row["id"]))
    if before is not None and before["companyCode"] != row["companyCode"]:
        return 4005, "主键属于另一家企业"
    if name == "t_yhzlxx" and str(row.get("dangerState")) == "9" and not row.get("checkAcceptPerson"):
        return 4007, "缺少验收人"
    return 0, ""


def _judge_work(name: str, row: Mapping[str, Any], tables: Mapping[str, Mapping[str, Any]]) -> tuple[int, str]:
    """Why a record of special work is refused; 0 where it is not."""
    parents, needed = WORK[name]
    for field in (*_ENVELOPE, *needed):
        if str(row.get(field, "")) == "":
            return 4009, f"{field} 必填"
    for field, value in row.items():
        if field.endswith(("_TIME", "_DATE")) and value and not _TIME.fullmatch(str(value)):
            return 4003, f"{field} 时间格式有误"
    for field, known in _TICKET_CODES.items():
        if str(row.get(field, "")) and not re.fullmatch(known, str(row[field])):
            return 4002, f"{field} 代码有误"
    for field, parent in parents.items():
        if _key(row[field]) not in tables[parent]:
            return 4001, f"{field} 上级记录不存在"
    before = tables[name].get(_key(row["UUID"]))
    if before is not None and before["COMPANY_CODE"] != row["COMPANY_CODE"]:
        return 4005, "主键属于另一家企业"
    return 0, ""


def _version(row: Mapping[str, Any]) -> str:
    at = row["UPDATE_TIME"] if "UPDATE_TIME" in row else row["updateDate"]
    return f"{re.sub('[^0-9]', '', str(at))}/{row['DELETED'] if 'UPDATE_TIME' in row else row['deleted']}"


def _key(text: Any) -> str:
    try:
        return str(uuid.UUID(str(text)))
    except ValueError:
        return str(text)


def _digest(rows: list[tuple[str, str]]) -> str:
    lines = "\n".join(sorted(f"{key} {version}" for key, version in rows))
    return hashlib.sha256(lines.encode()).hexdigest()


def platform_command(arguments: list[str]) -> int:
    """``quancheng dev upper-platform``: until stopped."""
    parser = argparse.ArgumentParser(prog="quancheng dev upper-platform", description=__doc__)
    parser.add_argument("--port", type=int, default=8097)
    parser.add_argument("--key", default="trial-key-16byte", help="of the cipher (default trial-key-16byte)")
    parser.add_argument("--cipher", default="aes_cbc", help="aes_cbc, aes_ecb, sm4_cbc, sm4_ecb or none")
    parser.add_argument("--secret", default="trial-secret", help="pwd of variant B, secret key of C, signs D")
    parser.add_argument("--folder", type=Path, help="keep the rows here instead of in memory")
    parser.add_argument("--receipts", default="", metavar="URL", help="where receipts of variant C go")
    given = parser.parse_args(arguments)
    cipher = "" if given.cipher == "none" else given.cipher
    server = Platform(given.port, key=given.key, cipher=cipher, secret=given.secret, folder=given.folder,
                      receipts=given.receipts)  # fmt: skip
    place = f"http://127.0.0.1:{server.server_port}"
    ways = " ".join(f"{place}/{way}" for way in "abcd")
    print(f"listening on {place}: {ways}, counts {place}/counts", file=sys.stderr, flush=True)
    print("the house reaches it with QUANCHENG_UPPER_NETWORKS=127.0.0.0/8 QUANCHENG_UPPER_HTTP=1", file=sys.stderr,
          flush=True)  # fmt: skip
    server.serve_forever()
    return 0
