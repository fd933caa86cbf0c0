"""The page's own script: clocks that run, keys, and alerts that were asked for (assets/desk.js)."""

import json
from dataclasses import asdict

from nicegui import ui

from api.console.desk.alerts import Alert
from api.console.guard import PATH
from api.console.visit import Visit


def load_script() -> None:
    ui.add_head_html(f'<link rel="stylesheet" href="{PATH}/assets/desk.css">')
    ui.add_head_html(f'<script defer src="{PATH}/assets/desk.js"></script>')


def alert_script(alert: Alert) -> str:
    return f"window.livecrewDesk?.alert({json.dumps(asdict(alert))})"


def opt_in(visit: Visit) -> None:
    """Sound and desktop notifications, once the operator wants them: browsers ask for a click of their own."""
    label = visit.t("开启声音与桌面提醒", "Sound and desktop notifications")
    button = ui.button(icon="notifications_off", color="secondary").props(
        f'flat round dense aria-label="{label}" title="{label}" aria-pressed=false'
    )
    button.classes("lc-opt-in").mark("opt-in")
    button.on("click", js_handler="(e) => window.livecrewDesk?.optIn(e.currentTarget)")
