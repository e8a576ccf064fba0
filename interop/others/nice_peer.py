"""libnice through GObject introspection, told what to do by lines of JSON and telling what happens the same way."""

import ctypes
import json
import sys

import gi

gi.require_version("Nice", "0.1")
from gi.repository import GLib, Nice  # noqa: E402

config = json.loads(sys.argv[1])


def tell(**what):
    print(json.dumps(what), flush=True)


loop = GLib.MainLoop()
context = GLib.MainContext.default()
options = Nice.AgentOption(0)
if config.get("aggressive") is not True:
    options |= Nice.AgentOption.REGULAR_NOMINATION
if config.get("lite"):
    options |= Nice.AgentOption.LITE_MODE
agent = Nice.Agent.new_full(context, Nice.Compatibility.RFC5245, options)
agent.props.controlling_mode = config["controlling"]
agent.props.ice_tcp = False
agent.props.upnp = False
if config.get("trickle"):
    agent.props.ice_trickle = True
if config.get("relayOnly"):
    agent.props.force_relay = True
for ip in config["addresses"]:
    address = Nice.Address.new()
    address.set_from_string(ip)
    agent.add_local_address(address)

stream = agent.add_stream(1)
agent.set_stream_name(stream, "application")
if config.get("turn"):
    turn = config["turn"]
    host, port = turn["address"].rsplit(":", 1)
    agent.set_relay_info(
        stream, 1, host.strip("[]"), int(port), turn["username"], turn["password"], Nice.RelayType.UDP
    )

states = {
    "connecting": "checking",
    "connected": "connected",
    "ready": "completed",
    "failed": "failed",
    "disconnected": "disconnected",
}


def on_state(_agent, _stream, _component, state):
    name = Nice.component_state_to_string(Nice.ComponentState(state))
    if name in states:
        tell(state=states[name])


selected = []


def on_selected(_agent, _stream, _component, local, remote):
    selected.append(" → ".join(Nice.CandidateType(it.type).value_nick for it in (local, remote)))


def on_gathered(_agent, _stream):
    tell_candidates()


def tell_candidates():
    for candidate in agent.get_local_candidates(stream, 1):
        if config.get("relayOnly") and candidate.type != Nice.CandidateType.RELAYED:
            continue
        tell(candidate=agent.generate_local_candidate_sdp(candidate).removeprefix("a="))
    tell(end=True)


def tell_parameters():
    _, ufrag, pwd = agent.get_local_credentials(stream)
    tell(parameters={"ufrag": ufrag, "pwd": pwd, "lite": bool(config.get("lite")), "options": ["ice2"] if not config.get("aggressive") else []})


# nice_agent_attach_recv is in no introspection data; None is the default context, in which the loop runs.
library = ctypes.CDLL("libnice.so.10")
RECEIVE = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint, ctypes.POINTER(ctypes.c_char), ctypes.c_void_p
)


@RECEIVE
def on_data(_agent, _stream, _component, length, data, _user):
    tell(data=ctypes.string_at(data, length).decode(errors="replace"))


agent.connect("component-state-changed", on_state)
agent.connect("candidate-gathering-done", on_gathered)
agent.connect("new-selected-pair-full", on_selected)
library.nice_agent_attach_recv(ctypes.c_void_p(hash(agent)), stream, 1, None, on_data, None)
tell_parameters()
if not agent.gather_candidates(stream):
    tell(error="gathering did not start")


def take(line):
    if "remote" in line:
        agent.set_remote_credentials(stream, line["remote"]["ufrag"], line["remote"]["pwd"])
    if "candidate" in line:
        candidate = agent.parse_remote_candidate_sdp(stream, "a=" + line["candidate"])
        if candidate is None:
            raise ValueError("the candidate is not understood")
        agent.set_remote_candidates(stream, 1, [candidate])
    if "end" in line:
        agent.peer_candidate_gathering_done(stream)
    if "send" in line:
        agent.send(stream, 1, len(line["send"].encode()), line["send"])
    if "restart" in line:
        agent.restart()
        tell_parameters()
        tell_candidates()
    if "selected" in line:
        # Its property controlling-mode stays what it was set to: the role in the end is not told.
        tell(selected=selected[-1] if selected else None)


channel = GLib.IOChannel.unix_new(sys.stdin.fileno())


def on_channel(source, condition):
    # One line for each call; what is left is asked for again.
    status, text, _length, _end = source.read_line()
    if status == GLib.IOStatus.EOF:
        loop.quit()
        return False
    if status == GLib.IOStatus.NORMAL and text:
        try:
            take(json.loads(text))
        except Exception as error:
            tell(error=f"{type(error).__name__}: {error}")
    return True


GLib.io_add_watch(channel, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_channel)
loop.run()
