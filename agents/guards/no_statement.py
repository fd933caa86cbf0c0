"""Sentences that state nothing: questions, bare courtesy, and orders aimed at the assistant."""

import re

from agents.guards.alignment import Case
from agents.guards.verdict import Finding

_QUESTION = re.compile(r"(?:\?|吗|么|是不是|对不对|好不好|行不行|可以不)[\s?!。~,]*$")
# Asked without a question mark; 无论怎么…都 asks nothing.
_ASKED = re.compile(
    "(?:能不能|可不可以|是不是|有没有|要不要|会不会|行不行|该不该|算不算|用不用|需不需要)[^,。;]*$"
    "|(?:还|能|可以|给|让|算|行|退|换|赔|保)[^,。;]{0,6}不[啊呀呢]*$"
    "|(?:谁|哪儿?|哪里|啥|什么|怎么|咋|几[天次点个块号]|多久|多少钱?|怎样|如何)[^,。;]{0,7}$"
    "|[你我他店家][^,。;]{0,6}还是[^,。;]{1,8}$"
)
_LEAST_SHARED = 0.03  # of the statement's character pairs: next to nothing in common
_WORDLESS = re.compile(r"[^\u4e00-\u9fffa-z0-9]")
_ASKS_NOTHING = re.compile("无论|不论|不管|都|均|也|任何")
_ORDER = re.compile(
    "(?:忽略|无视|忘记|忘掉|不要理会|别管|跳过|绕过)[^,。;]{0,12}(?:指令|指示|规则|提示|设定|要求|限制|上文|前文|以上|之前)"
    "|(?:你现在是|你将扮演|请扮演|进入[^,。;]{0,6}模式|开发者模式)|(?:system|assistant|user)\\s*:|<\\|[^|]*\\|>|</?(?:system|tool|instruction)"
    "|(?:ignore|disregard)\\s+(?:all|any|the|previous|above)|(?:输出|打印|泄露|告诉我)[^,。;]{0,8}(?:提示词|系统提示|密钥|口令|prompt)"
    "|调用[^,。;]{0,8}(?:工具|函数|接口)|执行(?:以下|下面|如下)[^,。;]{0,6}(?:命令|指令|操作|代码)"
)


def states_nothing(case: Case) -> Finding | None:
    """Why the sentence cannot be supported whatever the evidence says, or None. The evidence may hold planted orders
    too, so a literal copy is no excuse."""
    order = _ORDER.search(case.text)
    if order:
        return Finding(kind="instruction", span=order[0], detail="an order, not a statement")
    question = _QUESTION.search(case.text) or (
        None if _ASKS_NOTHING.search(case.text) else _ASKED.search(case.text.rstrip("。!~ "))
    )
    if question:
        return Finding(kind="question", span=question[0], detail="asks instead of stating")
    if _foreign(case):
        return Finding(kind="out_of_scope", span=case.text, detail="the evidence speaks of something else")
    if not any(clause.tokens or clause.quantities for clause in case.statement):
        return Finding(kind="empty", span=case.text, detail="states nothing")
    return None


def _foreign(case: Case) -> bool:
    """Without a figure to compare, a sentence must share at least a few words with what it rests on."""
    if any(clause.quantities for clause in case.statement):
        return False
    stated, given = _pairs(case.text), _pairs("".join(case.evidence_texts))
    return bool(stated) and len(stated & given) < _LEAST_SHARED * len(stated)


def _pairs(text: str) -> set[str]:
    bare = _WORDLESS.sub("", text)
    return {bare[at : at + 2] for at in range(len(bare) - 1)}
