"""The rule `excessive-fetches`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule
from lintkit.rules.house._objects import applied_objects
from lintkit.rules.house._refresh import fetches, refresh_of
from lintkit.suppress import glob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree
    from lintkit.options import FetchBudget, Options
    from lintkit.rules.house._refresh import Refresh

_SHOWN = 4


@rule(severity=Severity.ERROR, since="0.1")
def excessive_fetches(tree: Tree, options: Options) -> Iterator[Finding]:
    """All ExternalSecrets together ask a store more often in a day than its budget allows.

    `refresh.budgets` in the configuration gives stores (`Kind/name`, a glob) a number of fetches in 24 hours. Counted
    is what Flux applies, in all clusters of the repository together. An object counts with its entries in `data` and
    `dataFrom` (each is one request of External Secrets; an entry with `find` makes at least one), times 24 hours
    divided by `refreshInterval`, rounded up (1 hour when none is written). `OnChange`, `CreatedOnce` and an interval
    of 0 count as none, and so do generators. The finding stands at the interval that costs most.

    ## Why
    Stores bill by the request, or refuse to answer when an account has used up its quota. Then no secret is renewed,
    in any namespace, and what used them up was one interval of a minute.

    ## Bad
    ```yaml .lintkit.yaml
    refresh:
      budgets:
        - store: ClusterSecretStore/onepassword
          per-day: 100
    ```
    ```yaml app/secrets.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: airflow
    spec:
      refreshInterval: 15m # error: the budget is 100; this one makes 96
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: registry
      namespace: airflow
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword
      data:
        - secretKey: password
          remoteRef:
            key: registry
    ```

    ## Good
    ```yaml app/secrets.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: airflow
    spec:
      refreshInterval: 24h
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ---
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: registry
      namespace: airflow
    spec:
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword
      data:
        - secretKey: password
          remoteRef:
            key: registry
    ```
    """
    if not options.refresh.budgets:
        return
    found = [refresh for resource in applied_objects(tree) if (refresh := refresh_of(resource)) is not None]
    for budget in options.refresh.budgets:
        yield from _judged(found, budget)


def _judged(found: list[Refresh], budget: FetchBudget) -> Iterator[Finding]:
    store = glob(budget.store)
    costs: list[tuple[int, Refresh]] = []
    for refresh in found:
        asks = sum(1 for name, _ in fetches(refresh) if store.fullmatch(name))
        if asks * refresh.rounds_per_day:
            costs.append((asks * refresh.rounds_per_day, refresh))
    total = sum(cost for cost, _ in costs)
    if total <= budget.per_day:
        return
    costs.sort(key=lambda one: (-one[0], one[1].resource.path, one[1].resource.written.start))
    cost, worst = costs[0]
    reason = f" ({budget.reason})" if budget.reason else ""
    message = (
        f"{total} fetches a day from `{budget.store}`; the budget is {budget.per_day}{reason}; this one makes {cost}"
    )
    related = tuple(
        Related(refresh.place("refreshInterval"), f"`{refresh.resource.name}` makes {cost}")
        for cost, refresh in costs[1:_SHOWN]
    )
    yield Finding.at(worst.place("refreshInterval"), message, related=related)
