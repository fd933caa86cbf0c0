"""What a test of a model's settings found, in plain words."""

from api.console.wording import Pair

PROBLEMS: dict[str, Pair] = {
    "timeout": (
        "等不到回答（超时）。请检查地址，或模型是否太慢。",
        "No answer in time. Check the address, or the model is too slow.",
    ),
    "rate_limited": (
        "接口限流：请求太频繁或额度用尽。",
        "The endpoint limits the rate, or the quota is used up.",
    ),
    "server_error": (
        "接口报错，或返回的不是聊天回答。地址通常以 /v1 结尾。",
        "The endpoint failed or returned no chat reply. Addresses usually end in /v1.",
    ),
    "connection": (
        "连不上这个地址。请检查主机名、端口和网络。",
        "This address cannot be reached. Check host, port and network.",
    ),
    "unauthorized": (
        "密钥不对，或没有使用该模型的权限。",
        "The key is wrong or may not use this model.",
    ),
    "not_found": (
        "地址或模型名不存在。",
        "There is no such address or model.",
    ),
    "rejected": (
        "接口拒绝了请求。请检查模型名。",
        "The endpoint refused the request. Check the model's name.",
    ),
    "truncated": (
        "回答被截断，写不完一句话。",
        "The answer was cut off before its end.",
    ),
    "refused": (
        "模型拒绝回答这句普通的问题。",
        "The model refused an ordinary question.",
    ),
    "unparsable": (
        "能连上，但没有按规定的格式回答；多数回答会退回离线成文。",
        "It answers, but not in the required form; most answers would be written offline.",
    ),
    "wrong_schema": (
        "能连上，但格式缺字段；多数回答会退回离线成文。",
        "It answers, but fields are missing; most answers would be written offline.",
    ),
}
STRUCTURES: dict[str, Pair] = {
    "json_schema": ("支持（按结构约束输出）", "Yes, bound to a schema"),
    "json_object": ("部分支持（JSON 模式）", "Partly, JSON mode"),
    "plain": ("不支持，靠提示词约束", "No, by prompt only"),
}
