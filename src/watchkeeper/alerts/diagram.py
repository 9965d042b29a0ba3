"""The state table drawn as a Mermaid diagram, for the docs."""

from __future__ import annotations

from watchkeeper.alerts.table import TABLE, Event, State


def diagram() -> str:
    """Mermaid text: one arrow for each pair of states, labelled with the events that lead along it."""
    lines = ["stateDiagram-v2", f"    [*] --> {_node(State.INACTIVE)}"]
    lines += [f'    state "{state.value}" as {_node(state)}' for state in State if " " in state.value]
    for state, row in TABLE.items():
        arrows: dict[State, list[Event]] = {}
        for event, target in row.items():
            arrows.setdefault(target, []).append(event)
        for target, events in arrows.items():
            if target is not state:
                lines.append(f"    {_node(state)} --> {_node(target)}: {', '.join(events)}")
    return "\n".join(lines)


def _node(state: State) -> str:
    return state.value.replace(" ", "_")
