/** Tools of containers and clusters, each from what it prints itself: corrections written as data. */
import type { CorrectionData } from "../../../config/correctionRules.ts"

export const clusterToolRules: ReadonlyArray<CorrectionData> = [
  {
    name: "docker-login-told",
    program: ["docker", "podman"],
    says: "may require '{program} login'",
    answer: "{program} login && {line}",
    match: [
      {
        command: "docker build -t app .",
        output:
          "ERROR: pull access denied for acme/base, repository does not exist or may require 'docker login'",
        gives: "docker login && docker build -t app .",
      },
    ],
    no_match: [{ command: "docker build .", output: "ERROR: failed to solve: process did not complete" }],
  },
  {
    name: "kubectl-resource",
    program: ["kubectl", "oc", "k3s"],
    says: 'the server doesn\'t have a resource type "{kind}"',
    near: {
      word: "{kind}",
      among:
        `configmaps cronjobs customresourcedefinitions daemonsets deployments deployment endpoints events ingresses ingress
        jobs job limitranges namespaces namespace networkpolicies nodes node persistentvolumeclaims persistentvolumes pods pod
        poddisruptionbudgets replicasets resourcequotas rolebindings roles secrets secret serviceaccounts services service
        statefulsets storageclasses clusterroles clusterrolebindings horizontalpodautoscalers`.split(/\s+/),
    },
    answer: { replace: "{kind}", with: "{near}" },
    match: [
      {
        command: "kubectl get depolyments -A",
        output: 'error: the server doesn\'t have a resource type "depolyments"',
        gives: "kubectl get deployments -A",
      },
    ],
    no_match: [{ command: "kubectl get pods", output: "No resources found in default namespace." }],
  },
]
