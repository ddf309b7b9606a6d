"""What the API server checks and Kubernetes' own schemas leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintkit.schema import built_in
from tests.schema.trees import expect

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = built_in.versions()
META = """\
apiVersion: {api}
kind: {kind}
metadata:
  name: app
  namespace: web
"""


def manifest(api: str, kind: str, body: str) -> str:
    """An object of that name."""
    return META.format(api=api, kind=kind) + body


def pod(body: str) -> str:
    """A pod with that spec."""
    return manifest("v1", "Pod", "spec:\n" + body)


CONTAINER = """\
  containers:
    - name: main
      image: ghcr.io/example/app:1.0.0
"""
CASES = {
    "names and labels": """\
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: App_one # invalid-value: expected lower case letters, digits, `-` and `.`
          namespace: web.prod # invalid-value: `metadata.namespace`: expected lower case letters, digits and `-`
          labels:
            app.kubernetes.io/name: my app # invalid-value: expected letters, digits, `-`, `_` and `.`
            app kind: web # invalid-value: the key `app kind` of `metadata.labels`
            tier: ""
            a-name-of-more-than-63-letters-and-digits-is-too-long-for-any-label: x # invalid-value: at most 63
          annotations:
            text: may be anything, even this
            no/two/slashes: x # invalid-value: the key `no/two/slashes` of `metadata.annotations`
            Example.com/key: x
        data:
          app.yaml: x
          a b: x # invalid-value: the key `a b` of `data`: expected letters, digits, `-`, `_` and `.`
          ..data: x # invalid-value: the key `..data`
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: app.web # invalid-value: expected lower case letters, digits and `-`
        spec:
          ports:
            - port: 80
        ---
        apiVersion: v1
        kind: Namespace
        metadata:
          name: Web # invalid-value: `Web` is no value of `metadata.name`
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata:
          name: system:app:view
        rules: []
        """,
    "secrets": """\
        apiVersion: v1
        kind: Secret
        metadata:
          name: app
        data:
          good: aGVsbG8=
          lines: |
            aGVs
            bG8=
          bad: hello world # invalid-value: the value of `data.bad`: expected base64
        stringData:
          free: hello world
        """,
    "containers": pod("""\
  restartPolicy: always # invalid-value: did you mean `Always`?
  dnsPolicy: ClusterFirstWithHostnet # invalid-value: did you mean `ClusterFirstWithHostNet`?
  securityContext:
    runAsUser: -1 # invalid-value: expected 0 or more
    fsGroupChangePolicy: OnRootMismatched # invalid-value: did you mean `OnRootMismatch`?
    seccompProfile:
      type: runtime/default # invalid-value: expected `RuntimeDefault`, `Localhost` or `Unconfined`
  containers:
    - name: Main # invalid-value: `spec.containers[0].name`
      image: ghcr.io/example/app:1.0.0
      imagePullPolicy: IfNotPresents # invalid-value: did you mean `IfNotPresent`?
      terminationMessagePolicy: Logs # invalid-value: expected `File` or `FallbackToLogsOnError`
      env:
        - name: A=B # invalid-value: expected a name without `=`
          value: x
        - name: SECRET
          valueFrom:
            secretKeyRef:
              name: app
              key: a key # invalid-value: `a key` is no value of `spec.containers[0].env[1].valueFrom.secretKeyRef.key`
      ports:
        - containerPort: 80800 # invalid-value: expected 65535 or less
          protocol: http # invalid-value: expected `TCP`, `UDP` or `SCTP`
          name: a-very-long-port-name # invalid-value: expected at most 15 lower case letters
      livenessProbe:
        periodSeconds: -5 # invalid-value: expected 0 or more
        httpGet:
          port: "8080" # invalid-value: expected a number, or the name of a port
          scheme: https # invalid-value: did you mean `HTTPS`?
      resources:
        requests:
          cpu: 100mm # invalid-value: expected a quantity such as `500m` or `2Gi`
          memory: 1.5
          ephemeral-storage: 1GB # invalid-value: `1GB` is no value of
        limits:
          cpu: 0.5
          memory: 512Mi
"""),
    "what an empty text stands for": pod("""\
  restartPolicy: ""
  dnsPolicy: ""
  hostname: ""
  containers:
    - name: main
      image: ghcr.io/example/app:1.0.0
      imagePullPolicy: ""
      ports:
        - containerPort: 80
          name: ""
          protocol: ""
"""),
    "where pods run": pod(
        CONTAINER
        + """\
  nodeSelector:
    node role: db # invalid-value: the key `node role` of `spec.nodeSelector`
  tolerations:
    - key: dedicated
      operator: Equals # invalid-value: did you mean `Equal`?
      effect: NoScheduled # invalid-value: did you mean `NoSchedule`?
  topologySpreadConstraints:
    - maxSkew: 0 # invalid-value: expected 1 or more
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: Ignore # invalid-value: expected `DoNotSchedule` or `ScheduleAnyway`
  affinity:
    nodeAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 1000 # invalid-value: expected 100 or less
          preference:
            matchExpressions:
              - key: kubernetes.io/arch
                operator: Equals # invalid-value: expected `In`, `NotIn`, `Exists`
                values: [amd64]
    podAntiAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        - topologyKey: kubernetes.io/hostname
          labelSelector:
            matchExpressions:
              - key: app
                operator: Is # invalid-value: expected `In`, `NotIn`, `Exists` or `DoesNotExist`
                values: [web]
"""
    ),
    "volumes": pod("""\
  containers:
    - name: main
      image: ghcr.io/example/app:1.0.0
      volumeMounts:
        - name: config
          mountPath: /config
          subPath: ../up # invalid-value: expected a relative path without `..`
          mountPropagation: Both # invalid-value: expected `None`, `HostToContainer` or `Bidirectional`
  volumes:
    - name: config
      configMap:
        name: app
        defaultMode: 644 # invalid-value: expected 511 or less, which is `0777`
        items:
          - key: app.yaml
            path: /app.yaml # invalid-value: expected a relative path without `..`
            mode: 0644
    - name: host
      hostPath:
        path: /dev
        type: Folder # invalid-value: expected `DirectoryOrCreate`
    - name: Data # invalid-value: `spec.volumes[2].name`
      persistentVolumeClaim:
        claimName: data
"""),
    "claims": manifest("v1", "PersistentVolumeClaim", """\
spec: # missing-field: `spec` lacks `resources`
  accessModes:
    - ReadWriteOnly # invalid-value: did you mean `ReadWriteOnce`?
  volumeMode: File # invalid-value: expected `Filesystem` or `Block`
"""),
    "services": manifest("v1", "Service", """\
spec:
  type: Loadbalancer # invalid-value: did you mean `LoadBalancer`?
  externalTrafficPolicy: local # invalid-value: did you mean `Local`?
  sessionAffinity: ClientIp # invalid-value: did you mean `ClientIP`?
  ipFamilyPolicy: DualStack # invalid-value: expected `SingleStack`, `PreferDualStack` or `RequireDualStack`
  ports:
    - name: web_1 # invalid-value: `spec.ports[0].name`
      port: 0 # invalid-value: expected 1 or more
      targetPort: "80" # invalid-value: expected a number, or the name of a port
      protocol: tcp # invalid-value: did you mean `TCP`?
    - name: free
      port: 81
      targetPort: 0
"""),
    "ingresses": manifest("networking.k8s.io/v1", "Ingress", """\
spec:
  rules:
    - host: App.example.com # invalid-value: expected a host name such as
      http:
        paths:
          - path: api # invalid-value: expected a path that begins with `/`
            pathType: prefix # invalid-value: did you mean `Prefix`?
            backend:
              service:
                name: app
                port:
                  name: "80" # invalid-value: expected at most 15 lower case letters
    - host: "*.example.com"
"""),
    "network policies": manifest("networking.k8s.io/v1", "NetworkPolicy", """\
spec:
  podSelector: {}
  policyTypes:
    - ingress # invalid-value: did you mean `Ingress`?
  ingress:
    - from:
        - ipBlock:
            cidr: 10.0.0.1 # invalid-value: expected an address range such as `10.0.0.0/8`
      ports:
        - port: 70000 # invalid-value: expected 65535 or less
          protocol: tcp # invalid-value: did you mean `TCP`?
"""),
    "workloads": manifest("apps/v1", "Deployment", """\
spec:
  replicas: -1 # invalid-value: expected 0 or more
  strategy:
    type: Rolling # invalid-value: expected `Recreate` or `RollingUpdate`
    rollingUpdate:
      maxSurge: 25 % # invalid-value: expected a number or a percentage such as `25%`
      maxUnavailable: 150% # invalid-value: expected a number or a percentage up to `100%`
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: main
          image: ghcr.io/example/app:1.0.0
"""),
    "schedules": manifest("batch/v1", "CronJob", """\
spec:
  schedule: 0 25 * * * # invalid-value: expected a schedule of five fields such as `0 3 * * 1`
  concurrencyPolicy: forbid # invalid-value: did you mean `Forbid`?
  jobTemplate:
    spec:
      completionMode: Index # invalid-value: did you mean `Indexed`?
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: main
              image: ghcr.io/example/app:1.0.0
"""),
    "budgets": manifest("policy/v1", "PodDisruptionBudget", """\
spec:
  minAvailable: 1
  maxUnavailable: 1 # invalid-value: `minAvailable` and `maxUnavailable` cannot stand together in `spec`
  unhealthyPodEvictionPolicy: Always # invalid-value: expected `IfHealthyBudget` or `AlwaysAllow`
  selector:
    matchLabels:
      app: web
"""),
    "scaling": manifest("autoscaling/v2", "HorizontalPodAutoscaler", """\
spec:
  maxReplicas: 0 # invalid-value: expected 1 or more
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: app
  behavior:
    scaleDown:
      selectPolicy: Maximum # invalid-value: expected `Max`, `Min` or `Disabled`
      policies:
        - type: Percentage # invalid-value: did you mean `Percent`?
          value: 10
          periodSeconds: 3600 # invalid-value: expected 1800 or less
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilisation # invalid-value: did you mean `Utilization`?
          averageUtilization: 80
"""),
    "access": """\
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata:
          name: app
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: Role # invalid-value: a ClusterRoleBinding binds a `ClusterRole`
          name: view
        subjects:
          - kind: ServiceAccount # invalid-value: a `ServiceAccount` needs its `namespace`
            name: app
          - kind: User
            name: someone
          - kind: Users # invalid-value: did you mean `User`?
            name: someone
            namespace: web
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata:
          name: app
          namespace: web
        rules:
          - apiGroups: [""]
            resources: [pods]
            verbs: [] # invalid-value: expected 1 element or more
        """,
    "storage classes": """\
        apiVersion: storage.k8s.io/v1
        kind: StorageClass
        metadata:
          name: fast
        provisioner: example.com/disk
        reclaimPolicy: Keep # invalid-value: expected `Delete`, `Retain` or `Recycle`
        volumeBindingMode: WaitForConsumer # invalid-value: did you mean `WaitForFirstConsumer`?
        """,
    "custom kinds have names, labels and annotations as well": """\
        apiVersion: cert-manager.io/v1
        kind: Issuer
        metadata:
          name: Self_Signed # invalid-value: `Self_Signed` is no value of `metadata.name`
          namespace: web
          labels:
            app: my app # invalid-value: `my app` is no value of `metadata.labels.app`
        spec:
          selfSigned: {}
        """,
    "what a variable or encryption hides is not judged": """\
        apiVersion: v1
        kind: Secret
        metadata:
          name: app-${NAME}
          labels:
            ${KEY}: ${VALUE}
        data:
          a: ${VALUE}
          b: ENC[AES256_GCM,data:Zm9v,iv:Zm9v,tag:Zm9v,type:str]
        sops:
          version: 3.9.0
        """,
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_the_api_server_refuses(name: str, tmp_path: Path) -> None:
    expect(tmp_path, CASES[name])


@pytest.mark.parametrize("name", sorted(built_in.additions()))
def test_every_addition_is_of_a_type_and_a_field_that_kubernetes_has(name: str) -> None:
    known = built_in.load(VERSIONS[-1])
    assert known is not None
    properties = known.definitions[name].get("properties", {})
    assert {field for field in built_in.additions()[name] if field and field != "$definition"} <= set(properties)


@pytest.mark.parametrize("version", VERSIONS)
def test_additions_say_nothing_else_than_the_schemas_of_a_version(version: str) -> None:
    known = built_in.load(version)
    assert known is not None
    for name, fields in built_in.additions().items():
        properties = known.definitions.get(name, {}).get("properties", {})
        for field, words in fields.items():
            published = properties.get(field, {}).get("enum")
            if published is not None and "enum" in words:
                assert set(published) - {None} <= set(words["enum"]), f"{name}.{field}"


@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
def test_every_kind_compiles_in_the_oldest_and_the_newest_version(version: str) -> None:
    from lintkit.schema.validator import compiled  # noqa: PLC0415 - beside its only use

    known = built_in.load(version)
    assert known is not None
    for kind in known.kinds:
        schema = known.schema(*kind)
        assert schema is not None
        compiled(schema)
