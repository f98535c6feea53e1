"""When a table runs, how fresh it has to be, and how often it is tried again: three sections of a header."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from odibi_dagster.tables.section import Duration, Seconds, Section, choice, problem
from odibi_dagster.tables.spec import Automation, Freshness, Retry


def _cron(value: str) -> str:
    import dagster as dg  # only tables with a cron pay for the check, and Dagster is the judge

    try:
        dg.AutomationCondition.on_cron(value)
    except Exception:
        raise problem(
            f"`{value}` is not a cron schedule.",
            "Write five fields: minute hour day month weekday, like 0 6 * * *.",
        ) from None
    return value


class RetrySection(Section):
    """`retry:`."""

    max_retries: Annotated[int, Field(ge=0, le=100)] = 3
    delay: Annotated[Seconds, Field(ge=0, le=86_400)] = 10.0
    backoff: Annotated[
        Literal["exponential", "linear", "none"], choice(("exponential", "linear", "none"))
    ] = "exponential"
    jitter: Annotated[Literal["full", "plus_minus", "none"], choice(("full", "plus_minus", "none"))] = (
        "plus_minus"
    )

    def retry(self) -> Retry:
        """The policy that this section means."""
        return Retry(self.max_retries, self.delay, self.backoff, self.jitter)


class FreshnessSection(Section):
    """`freshness:`."""

    within: Duration
    cron: Annotated[str, AfterValidator(_cron)] | None = None

    @model_validator(mode="after")
    def _check(self) -> FreshnessSection:
        if self.within < timedelta(minutes=1):
            raise problem("`within` is less than a minute.", "Dagster looks once a minute: write 1m or more.")
        if self.cron is not None:
            import dagster as dg

            try:
                dg.FreshnessPolicy.cron(self.cron, self.within)
            except Exception:
                raise problem(
                    "`within` is longer than the time between two ticks of `cron`.",
                    "Shorten it, or leave `cron` out.",
                ) from None
        return self

    def freshness(self) -> Freshness:
        """The policy that this section means."""
        return Freshness(self.within, self.cron)


class AutomationSection(Section):
    """`automation:`, written as a word or as {cron: …}."""

    kind: Annotated[Literal["eager", "manual", "cron"], choice(("eager", "manual"))] | None = None
    cron: Annotated[str, AfterValidator(_cron)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if not isinstance(value, dict) or "kind" in value or "cron" not in value:
            raise problem(f"`{value}` is not an automation.", 'Write eager, manual, or {cron: "0 6 * * *"}.')
        return value

    def automation(self) -> Automation:
        """The automation that this section means."""
        return Automation("cron", self.cron) if self.cron else Automation(self.kind or "manual")
