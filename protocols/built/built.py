"""A plan as it is built: its light prepared along the links, so that its error has the losses of links and modes in it."""

from __future__ import annotations

from dataclasses import dataclass

from networks.values import Value
from protocols.layout.layout import Layouts
from protocols.schemes.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Built(Value):
    """A scheme's plan with what becomes of it where it is built.

    Attributes
    ----------
    plan : Plan
        As the scheme has it: light at the modes, with their losses, as if it were made there; of Gaussian light for phases, whose
        shares follow its ways, the plan as built.
    as_built : Plan
        The same scheme with the circuits to build: light made at the nodes of the layout, carried along links with their
        losses. The plan itself where no link that light takes loses any, and where every state is made at its sensor.
    ideal_mse : float
        The mean squared error of q in one shot of the same scheme without losses and limits.
    measured_mse : float or None
        That of the stated measurement with visibility, jitter and dark counts; None where these are ideal.
    layout : Layouts or None
        Where light starts and which links it takes; None for schemes that need no links, and for a scheme of a user's own.
    made_at : tuple of str, or None
        Where the light of schemes without a layout is made, where that is said.
    """

    plan: Plan
    as_built: Plan
    ideal_mse: float
    measured_mse: float | None = None
    layout: Layouts | None = None
    made_at: tuple[str, ...] | None = None

    @property
    def mse(self) -> float:
        """The mean squared error of q in one shot, as built and measured."""
        return self.as_built.predicted_mse if self.measured_mse is None else self.measured_mse

    @property
    def starts_at(self) -> tuple[str, ...] | None:
        """The nodes where its light is made; None where every state is made at the modes that hold it."""
        return self.made_at if self.layout is None else self.layout.roots
