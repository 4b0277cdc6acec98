from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

from tests.support.kafka import kafka, kafka_ready, private_kafka

__all__ = ["kafka", "kafka_ready", "private_kafka"]

set_hypothesis_home_dir(Path(__file__).parents[1] / ".cache" / "hypothesis")
