// Fields of Kubernetes objects whose texts are names, addresses, ports, paths, times, quantities or words of
// the API (Kubernetes' API reference: core/v1, apps/v1, batch/v1, rbac/v1, policy/v1, admissionregistration/v1).

export const KUBERNETES_NAMES: ReadonlySet<string> = new Set(
  `
  accessModes addresses apiGroup apiGroups apiVersion appProtocol audience cidr claimName clusterIP clusterIPs
  clusterName conditionType configMap containerName containerPort cpu creationTimestamp defaultMode
  deletionTimestamp divisor dnsPolicy driver effect emptyDir ephemeral-storage externalIPs externalName
  externalTrafficPolicy failurePolicy fieldPath fsGroup fsType gateway generateName groups host hostIP hostPath
  hostPort hostname hosts image imagePullPolicy internalTrafficPolicy ip ipFamilies ipFamilyPolicy key kind
  loadBalancerIP maxSurge maxUnavailable medium memory metadata mode mountPath mountPropagation name namespace
  nodeName nodePort number operator partition path pathType phase podIP podIPs podManagementPolicy port
  preemptionPolicy priorityClassName procMount protocol provisioner qosClass readOnly resource resourceNames
  resources restartPolicy runAsGroup runAsUser runtimeClassName schedule schedulerName scheme secretName server
  serviceAccount serviceAccountName serviceName sessionAffinity shareProcessNamespace sizeLimit status storage
  storageClassName subPath subdomain targetPort terminationMessagePath terminationMessagePolicy timeZone
  topologyKey type updateStrategy users verbs version volumeMode volumeName whenUnsatisfiable
  `
    .trim()
    .split(/\s+/),
);
