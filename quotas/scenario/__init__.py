from quotas.scenario.mistakes import ScenarioMistake
from quotas.scenario.reading import Scenario, read_scenario

__all__ = ["Scenario", "ScenarioMistake", "read_scenario"]
