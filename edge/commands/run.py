"""`cmo-edge run`: the agent."""

import asyncio
import signal

from edge.agent import Agent
from edge.collector import spare_the_collector
from edge.commands.arguments import ConfigFile, loaded
from edge.settings import AgentConfiguration
from gateway.running import configure_logs, until_stopped


def run(config: ConfigFile) -> None:
    """Read, alarm and publish until stopped (Ctrl-C or SIGTERM); SIGHUP reads the configuration again."""
    configuration = loaded(config)
    configure_logs()
    asyncio.run(until_stopped(_agent(configuration)))


async def _agent(configuration: AgentConfiguration) -> None:
    agent = Agent(configuration)
    spare_the_collector()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, agent.hang_up)
    await agent.run()
