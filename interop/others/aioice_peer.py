"""aioice, told what to do by lines of JSON and telling what happens the same way."""

import asyncio
import json
import re
import sys

import aioice
from aioice import ice

config = json.loads(sys.argv[1])


def tell(**what):
    print(json.dumps(what), flush=True)


# It gathers from every address of the machine: only those that are asked for.
ice.get_host_addresses = lambda use_ipv4, use_ipv6: config["addresses"]


def make():
    options = {}
    if config.get("turn"):
        turn = config["turn"]
        host, port = turn["address"].rsplit(":", 1)
        options = {
            "turn_server": (host.strip("[]"), int(port)),
            "turn_username": turn["username"],
            "turn_password": turn["password"],
        }
    if config.get("relayOnly"):
        options["transport_policy"] = ice.TransportPolicy.RELAY
    return ice.Connection(ice_controlling=config["controlling"], **options)


class Peer:
    async def start(self):
        self.connection = make()
        self.connecting = None
        tell(parameters={"ufrag": self.connection.local_username, "pwd": self.connection.local_password, "options": []})
        await self.connection.gather_candidates()
        for candidate in self.connection.local_candidates:
            tell(candidate="candidate:" + candidate.to_sdp())
        tell(end=True)

    async def connect(self):
        connection = self.connection
        try:
            await connection.connect()
            tell(state="connected")
            while True:
                data = await connection.recv()
                tell(data=data.decode())
        except ConnectionError as error:
            if connection is self.connection:
                tell(state="failed", why=str(error))

    async def take(self, line):
        connection = self.connection
        if "remote" in line:
            connection.remote_username = line["remote"]["ufrag"]
            connection.remote_password = line["remote"]["pwd"]
            connection.remote_is_lite = bool(line["remote"].get("lite"))
            self.connecting = asyncio.ensure_future(self.connect_when_candidates())
        if "candidate" in line:
            await connection.add_remote_candidate(ice.Candidate.from_sdp(re.sub("^candidate:", "", line["candidate"])))
        if "end" in line:
            await connection.add_remote_candidate(None)
        if "send" in line:
            await connection.send(line["send"].encode())
        if "restart" in line:
            # A connection lasts for one set of credentials: a restart is a new one.
            before = self.connection
            await self.start()
            await before.close()
        if "selected" in line:
            pair = connection._nominated.get(1)
            kinds = pair and f"{pair.local_candidate.type} → {pair.remote_candidate.type}"
            tell(selected=kinds, controlling=connection.ice_controlling)

    async def connect_when_candidates(self):
        # It starts checks with what it has: with no candidate at all it gives up.
        while not self.connection.remote_candidates:
            await asyncio.sleep(0.01)
        await self.connect()


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    peer = Peer()
    await peer.start()
    while line := await reader.readline():
        try:
            await peer.take(json.loads(line))
        except Exception as error:
            tell(error=f"{type(error).__name__}: {error}")


asyncio.run(main())
