"""The types of Kubernetes 1.32, as far as a merge asks: fields, the keys of lists, what is one piece.

One line a type, with further lines indented: its name (``=`` behind it where it is one piece) and ``field:type``, with
``!`` before the default of a field that is a list's key. A type is ``s n b`` for string, number, boolean, ``u`` for any
scalar, ``x`` for anything, ``@Name`` for another type, ``{}t`` for a map, ``[]t`` for a list in one piece, ``[+]t`` for
a set and ``[a,b]t`` for a list of objects that the fields a and b tell apart; ``=`` before it makes it one piece.

The facts are those of Kubernetes' published OpenAPI descriptions, of the release that the reference embeds.
"""

from __future__ import annotations

from typing import Final

KINDS: Final = """
admissionregistration.k8s.io/v1: MutatingWebhookConfiguration ValidatingAdmissionPolicy
 ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration
apiextensions.k8s.io/v1: CustomResourceDefinition
apiregistration.k8s.io/v1: APIService
apps/v1: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
autoscaling/v1: HorizontalPodAutoscaler Scale
autoscaling/v2: HorizontalPodAutoscaler=HorizontalPodAutoscaler2
batch/v1: CronJob Job
certificates.k8s.io/v1: CertificateSigningRequest
coordination.k8s.io/v1: Lease
discovery.k8s.io/v1: EndpointSlice
events.k8s.io/v1: Event=Event2
flowcontrol.apiserver.k8s.io/v1: FlowSchema PriorityLevelConfiguration
networking.k8s.io/v1: Ingress IngressClass NetworkPolicy
node.k8s.io/v1: RuntimeClass
policy/v1: Eviction PodDisruptionBudget
rbac.authorization.k8s.io/v1: ClusterRole ClusterRoleBinding Role RoleBinding
scheduling.k8s.io/v1: PriorityClass
storage.k8s.io/v1: CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment
v1: Binding ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate
 ReplicationController ResourceQuota Secret Service ServiceAccount
"""
"""``apiVersion: kinds``; ``Kind=Type`` where the type has another name."""

TYPES: Final = """
APIService apiVersion:s kind:s metadata:@ObjectMeta spec:@APIServiceSpec status:@APIServiceStatus
APIServiceCondition lastTransitionTime:u message:s reason:s status:s type:s!
APIServiceSpec caBundle:s group:s groupPriorityMinimum:n insecureSkipTLSVerify:b service:@ServiceReference version:s
 versionPriority:n
APIServiceStatus conditions:[type]@APIServiceCondition
AggregationRule clusterRoleSelectors:[]@LabelSelector
AttachedVolume devicePath:s name:s
AuditAnnotation key:s valueExpression:s
AzureFilePersistentVolumeSource readOnly:b secretName:s secretNamespace:s shareName:s
Binding apiVersion:s kind:s metadata:@ObjectMeta target:@ObjectReference
CSIDriver apiVersion:s kind:s metadata:@ObjectMeta spec:@CSIDriverSpec
CSIDriverSpec attachRequired:b fsGroupPolicy:s podInfoOnMount:b requiresRepublish:b seLinuxMount:b storageCapacity:b
 tokenRequests:[]@TokenRequest volumeLifecycleModes:[+]s
CSINode apiVersion:s kind:s metadata:@ObjectMeta spec:@CSINodeSpec
CSINodeDriver allocatable:@VolumeNodeResources name:s! nodeID:s topologyKeys:[]s
CSINodeSpec drivers:[name]@CSINodeDriver
CSIPersistentVolumeSource controllerExpandSecretRef:@SecretReference controllerPublishSecretRef:@SecretReference
 driver:s fsType:s nodeExpandSecretRef:@SecretReference nodePublishSecretRef:@SecretReference
 nodeStageSecretRef:@SecretReference readOnly:b volumeAttributes:{}s volumeHandle:s
CSIStorageCapacity apiVersion:s capacity:u kind:s maximumVolumeSize:u metadata:@ObjectMeta nodeTopology:@LabelSelector
 storageClassName:s
CephFSPersistentVolumeSource monitors:[]s path:s readOnly:b secretFile:s secretRef:@SecretReference user:s
CertificateSigningRequest apiVersion:s kind:s metadata:@ObjectMeta spec:@CertificateSigningRequestSpec
 status:@CertificateSigningRequestStatus
CertificateSigningRequestCondition lastTransitionTime:u lastUpdateTime:u message:s reason:s status:s type:s!
CertificateSigningRequestSpec expirationSeconds:n extra:{}[]s groups:[]s request:s signerName:s uid:s usages:[]s
 username:s
CertificateSigningRequestStatus certificate:s conditions:[type]@CertificateSigningRequestCondition
CinderPersistentVolumeSource fsType:s readOnly:b secretRef:@SecretReference volumeID:s
ClientIPConfig timeoutSeconds:n
ClusterRole aggregationRule:@AggregationRule apiVersion:s kind:s metadata:@ObjectMeta rules:[]@PolicyRule
ClusterRoleBinding apiVersion:s kind:s metadata:@ObjectMeta roleRef:@RoleRef subjects:[]@Subject
Condition lastTransitionTime:u message:s observedGeneration:n reason:s status:s type:s!
ConfigMap apiVersion:s binaryData:{}s data:{}s immutable:b kind:s metadata:@ObjectMeta
ConfigMapNodeConfigSource kubeletConfigKey:s name:s namespace:s resourceVersion:s uid:s
ContainerImage names:[]s sizeBytes:n
ContainerResourceMetricSource container:s name:s target:@MetricTarget
ContainerResourceMetricStatus container:s current:@MetricValueStatus name:s
ControllerRevision apiVersion:s data:x kind:s metadata:@ObjectMeta revision:n
CrossVersionObjectReference= apiVersion:s kind:s name:s
CrossVersionObjectReference2 apiVersion:s kind:s name:s
CustomResourceColumnDefinition description:s format:s jsonPath:s name:s priority:n type:s
CustomResourceConversion strategy:s webhook:@WebhookConversion
CustomResourceDefinition apiVersion:s kind:s metadata:@ObjectMeta spec:@CustomResourceDefinitionSpec
 status:@CustomResourceDefinitionStatus
CustomResourceDefinitionCondition lastTransitionTime:u message:s reason:s status:s type:s!
CustomResourceDefinitionNames categories:[]s kind:s listKind:s plural:s shortNames:[]s singular:s
CustomResourceDefinitionSpec conversion:@CustomResourceConversion group:s names:@CustomResourceDefinitionNames
 preserveUnknownFields:b scope:s versions:[]@CustomResourceDefinitionVersion
CustomResourceDefinitionStatus acceptedNames:@CustomResourceDefinitionNames
 conditions:[type]@CustomResourceDefinitionCondition storedVersions:[]s
CustomResourceDefinitionVersion additionalPrinterColumns:[]@CustomResourceColumnDefinition deprecated:b
 deprecationWarning:s name:s schema:@CustomResourceValidation selectableFields:[]@SelectableField served:b storage:b
 subresources:@CustomResourceSubresources
CustomResourceSubresourceScale labelSelectorPath:s specReplicasPath:s statusReplicasPath:s
CustomResourceSubresources scale:@CustomResourceSubresourceScale status:{}x
CustomResourceValidation openAPIV3Schema:@JSONSchemaProps
DaemonEndpoint Port:n
DeleteOptions apiVersion:s dryRun:[]s gracePeriodSeconds:n ignoreStoreReadErrorWithClusterBreakingPotential:b kind:s
 orphanDependents:b preconditions:@Preconditions propagationPolicy:s
Endpoint addresses:[+]s conditions:@EndpointConditions deprecatedTopology:{}s hints:@EndpointHints hostname:s
 nodeName:s targetRef:@ObjectReference zone:s
EndpointAddress= hostname:s ip:s nodeName:s targetRef:@ObjectReference
EndpointConditions ready:b serving:b terminating:b
EndpointHints forZones:[]@ForZone
EndpointPort= appProtocol:s name:s port:n protocol:s
EndpointPort2= appProtocol:s name:s port:n protocol:s
EndpointSlice addressType:s apiVersion:s endpoints:[]@Endpoint kind:s metadata:@ObjectMeta ports:[]@EndpointPort
EndpointSubset addresses:[]@EndpointAddress notReadyAddresses:[]@EndpointAddress ports:[]@EndpointPort2
Endpoints apiVersion:s kind:s metadata:@ObjectMeta subsets:[]@EndpointSubset
Event action:s apiVersion:s count:n eventTime:u firstTimestamp:u involvedObject:@ObjectReference kind:s
 lastTimestamp:u message:s metadata:@ObjectMeta reason:s related:@ObjectReference reportingComponent:s
 reportingInstance:s series:@EventSeries source:@EventSource type:s
Event2 action:s apiVersion:s deprecatedCount:n deprecatedFirstTimestamp:u deprecatedLastTimestamp:u
 deprecatedSource:@EventSource eventTime:u kind:s metadata:@ObjectMeta note:s reason:s regarding:@ObjectReference
 related:@ObjectReference reportingController:s reportingInstance:s series:@EventSeries2 type:s
EventSeries count:n lastObservedTime:u
EventSeries2 count:n lastObservedTime:u
EventSource component:s host:s
Eviction apiVersion:s deleteOptions:@DeleteOptions kind:s metadata:@ObjectMeta
ExemptPriorityLevelConfiguration lendablePercent:n nominalConcurrencyShares:n
ExpressionWarning fieldRef:s warning:s
ExternalDocumentation description:s url:s
ExternalMetricSource metric:@MetricIdentifier target:@MetricTarget
ExternalMetricStatus current:@MetricValueStatus metric:@MetricIdentifier
FlexPersistentVolumeSource driver:s fsType:s options:{}s readOnly:b secretRef:@SecretReference
FlowDistinguisherMethod type:s
FlowSchema apiVersion:s kind:s metadata:@ObjectMeta spec:@FlowSchemaSpec status:@FlowSchemaStatus
FlowSchemaCondition lastTransitionTime:u message:s reason:s status:s type:s
FlowSchemaSpec distinguisherMethod:@FlowDistinguisherMethod matchingPrecedence:n
 priorityLevelConfiguration:@PriorityLevelConfigurationReference rules:[]@PolicyRulesWithSubjects
FlowSchemaStatus conditions:[type]@FlowSchemaCondition
ForZone name:s
GlusterfsPersistentVolumeSource endpoints:s endpointsNamespace:s path:s readOnly:b
GroupSubject name:s
HPAScalingPolicy periodSeconds:n type:s value:n
HPAScalingRules policies:[]@HPAScalingPolicy selectPolicy:s stabilizationWindowSeconds:n
HTTPIngressPath backend:@IngressBackend path:s pathType:s
HTTPIngressRuleValue paths:[]@HTTPIngressPath
HorizontalPodAutoscaler apiVersion:s kind:s metadata:@ObjectMeta spec:@HorizontalPodAutoscalerSpec
 status:@HorizontalPodAutoscalerStatus
HorizontalPodAutoscaler2 apiVersion:s kind:s metadata:@ObjectMeta spec:@HorizontalPodAutoscalerSpec2
 status:@HorizontalPodAutoscalerStatus2
HorizontalPodAutoscalerBehavior scaleDown:@HPAScalingRules scaleUp:@HPAScalingRules
HorizontalPodAutoscalerCondition lastTransitionTime:u message:s reason:s status:s type:s!
HorizontalPodAutoscalerSpec maxReplicas:n minReplicas:n scaleTargetRef:@CrossVersionObjectReference
 targetCPUUtilizationPercentage:n
HorizontalPodAutoscalerSpec2 behavior:@HorizontalPodAutoscalerBehavior maxReplicas:n metrics:[]@MetricSpec
 minReplicas:n scaleTargetRef:@CrossVersionObjectReference2
HorizontalPodAutoscalerStatus currentCPUUtilizationPercentage:n currentReplicas:n desiredReplicas:n lastScaleTime:u
 observedGeneration:n
HorizontalPodAutoscalerStatus2 conditions:[type]@HorizontalPodAutoscalerCondition currentMetrics:[]@MetricStatus
 currentReplicas:n desiredReplicas:n lastScaleTime:u observedGeneration:n
IPBlock cidr:s except:[]s
ISCSIPersistentVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s iscsiInterface:s
 lun:n portals:[]s readOnly:b secretRef:@SecretReference targetPortal:s
Ingress apiVersion:s kind:s metadata:@ObjectMeta spec:@IngressSpec status:@IngressStatus
IngressBackend resource:@TypedLocalObjectReference service:@IngressServiceBackend
IngressClass apiVersion:s kind:s metadata:@ObjectMeta spec:@IngressClassSpec
IngressClassParametersReference apiGroup:s kind:s name:s namespace:s scope:s
IngressClassSpec controller:s parameters:@IngressClassParametersReference
IngressLoadBalancerIngress hostname:s ip:s ports:[]@IngressPortStatus
IngressLoadBalancerStatus ingress:[]@IngressLoadBalancerIngress
IngressPortStatus error:s port:n protocol:s
IngressRule host:s http:@HTTPIngressRuleValue
IngressServiceBackend name:s port:@ServiceBackendPort
IngressSpec defaultBackend:@IngressBackend ingressClassName:s rules:[]@IngressRule tls:[]@IngressTLS
IngressStatus loadBalancer:@IngressLoadBalancerStatus
IngressTLS hosts:[]s secretName:s
JSONSchemaProps $ref:s $schema:s additionalItems:x additionalProperties:x allOf:[]@JSONSchemaProps
 anyOf:[]@JSONSchemaProps default:x definitions:{}@JSONSchemaProps dependencies:{}x description:s enum:[]x example:x
 exclusiveMaximum:b exclusiveMinimum:b externalDocs:@ExternalDocumentation format:s id:s items:x maxItems:n
 maxLength:n maxProperties:n maximum:n minItems:n minLength:n minProperties:n minimum:n multipleOf:n
 not:@JSONSchemaProps nullable:b oneOf:[]@JSONSchemaProps pattern:s patternProperties:{}@JSONSchemaProps
 properties:{}@JSONSchemaProps required:[]s title:s type:s uniqueItems:b x-kubernetes-embedded-resource:b
 x-kubernetes-int-or-string:b x-kubernetes-list-map-keys:[]s x-kubernetes-list-type:s x-kubernetes-map-type:s
 x-kubernetes-preserve-unknown-fields:b x-kubernetes-validations:[rule]@ValidationRule
Lease apiVersion:s kind:s metadata:@ObjectMeta spec:@LeaseSpec
LeaseSpec acquireTime:u holderIdentity:s leaseDurationSeconds:n leaseTransitions:n preferredHolder:s renewTime:u
 strategy:s
LimitRange apiVersion:s kind:s metadata:@ObjectMeta spec:@LimitRangeSpec
LimitRangeItem default:{}u defaultRequest:{}u max:{}u maxLimitRequestRatio:{}u min:{}u type:s
LimitRangeSpec limits:[]@LimitRangeItem
LimitResponse queuing:@QueuingConfiguration type:s
LimitedPriorityLevelConfiguration borrowingLimitPercent:n lendablePercent:n limitResponse:@LimitResponse
 nominalConcurrencyShares:n
LoadBalancerIngress hostname:s ip:s ipMode:s ports:[]@PortStatus
LoadBalancerStatus ingress:[]@LoadBalancerIngress
LocalVolumeSource fsType:s path:s
MatchCondition expression:s name:s!
MatchResources= excludeResourceRules:[]@NamedRuleWithOperations matchPolicy:s namespaceSelector:@LabelSelector
 objectSelector:@LabelSelector resourceRules:[]@NamedRuleWithOperations
MetricIdentifier name:s selector:@LabelSelector
MetricSpec containerResource:@ContainerResourceMetricSource external:@ExternalMetricSource object:@ObjectMetricSource
 pods:@PodsMetricSource resource:@ResourceMetricSource type:s
MetricStatus containerResource:@ContainerResourceMetricStatus external:@ExternalMetricStatus
 object:@ObjectMetricStatus pods:@PodsMetricStatus resource:@ResourceMetricStatus type:s
MetricTarget averageUtilization:n averageValue:u type:s value:u
MetricValueStatus averageUtilization:n averageValue:u value:u
MutatingWebhook admissionReviewVersions:[]s clientConfig:@WebhookClientConfig failurePolicy:s
 matchConditions:[name]@MatchCondition matchPolicy:s name:s! namespaceSelector:@LabelSelector
 objectSelector:@LabelSelector reinvocationPolicy:s rules:[]@RuleWithOperations sideEffects:s timeoutSeconds:n
MutatingWebhookConfiguration apiVersion:s kind:s metadata:@ObjectMeta webhooks:[name]@MutatingWebhook
NamedRuleWithOperations= apiGroups:[]s apiVersions:[]s operations:[]s resourceNames:[]s resources:[]s scope:s
Namespace apiVersion:s kind:s metadata:@ObjectMeta spec:@NamespaceSpec status:@NamespaceStatus
NamespaceCondition lastTransitionTime:u message:s reason:s status:s type:s!
NamespaceSpec finalizers:[]s
NamespaceStatus conditions:[type]@NamespaceCondition phase:s
NetworkPolicy apiVersion:s kind:s metadata:@ObjectMeta spec:@NetworkPolicySpec
NetworkPolicyEgressRule ports:[]@NetworkPolicyPort to:[]@NetworkPolicyPeer
NetworkPolicyIngressRule from:[]@NetworkPolicyPeer ports:[]@NetworkPolicyPort
NetworkPolicyPeer ipBlock:@IPBlock namespaceSelector:@LabelSelector podSelector:@LabelSelector
NetworkPolicyPort endPort:n port:x protocol:s
NetworkPolicySpec egress:[]@NetworkPolicyEgressRule ingress:[]@NetworkPolicyIngressRule podSelector:@LabelSelector
 policyTypes:[]s
Node apiVersion:s kind:s metadata:@ObjectMeta spec:@NodeSpec status:@NodeStatus
NodeAddress address:s type:s!
NodeCondition lastHeartbeatTime:u lastTransitionTime:u message:s reason:s status:s type:s!
NodeConfigSource configMap:@ConfigMapNodeConfigSource
NodeConfigStatus active:@NodeConfigSource assigned:@NodeConfigSource error:s lastKnownGood:@NodeConfigSource
NodeDaemonEndpoints kubeletEndpoint:@DaemonEndpoint
NodeFeatures supplementalGroupsPolicy:b
NodeRuntimeHandler features:@NodeRuntimeHandlerFeatures name:s
NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:b userNamespaces:b
NodeSpec configSource:@NodeConfigSource externalID:s podCIDR:s podCIDRs:[+]s providerID:s taints:[]@Taint
 unschedulable:b
NodeStatus addresses:[type]@NodeAddress allocatable:{}u capacity:{}u conditions:[type]@NodeCondition
 config:@NodeConfigStatus daemonEndpoints:@NodeDaemonEndpoints features:@NodeFeatures images:[]@ContainerImage
 nodeInfo:@NodeSystemInfo phase:s runtimeHandlers:[]@NodeRuntimeHandler volumesAttached:[]@AttachedVolume
 volumesInUse:[]s
NodeSystemInfo architecture:s bootID:s containerRuntimeVersion:s kernelVersion:s kubeProxyVersion:s kubeletVersion:s
 machineID:s operatingSystem:s osImage:s systemUUID:s
NonResourcePolicyRule nonResourceURLs:[+]s verbs:[+]s
ObjectMetricSource describedObject:@CrossVersionObjectReference2 metric:@MetricIdentifier target:@MetricTarget
ObjectMetricStatus current:@MetricValueStatus describedObject:@CrossVersionObjectReference2 metric:@MetricIdentifier
Overhead podFixed:{}u
ParamKind= apiVersion:s kind:s
ParamRef= name:s namespace:s parameterNotFoundAction:s selector:@LabelSelector
PersistentVolume apiVersion:s kind:s metadata:@ObjectMeta spec:@PersistentVolumeSpec status:@PersistentVolumeStatus
PersistentVolumeSpec accessModes:[]s awsElasticBlockStore:@AWSElasticBlockStoreVolumeSource
 azureDisk:@AzureDiskVolumeSource azureFile:@AzureFilePersistentVolumeSource capacity:{}u
 cephfs:@CephFSPersistentVolumeSource cinder:@CinderPersistentVolumeSource claimRef:@ObjectReference
 csi:@CSIPersistentVolumeSource fc:@FCVolumeSource flexVolume:@FlexPersistentVolumeSource flocker:@FlockerVolumeSource
 gcePersistentDisk:@GCEPersistentDiskVolumeSource glusterfs:@GlusterfsPersistentVolumeSource
 hostPath:@HostPathVolumeSource iscsi:@ISCSIPersistentVolumeSource local:@LocalVolumeSource mountOptions:[]s
 nfs:@NFSVolumeSource nodeAffinity:@VolumeNodeAffinity persistentVolumeReclaimPolicy:s
 photonPersistentDisk:@PhotonPersistentDiskVolumeSource portworxVolume:@PortworxVolumeSource
 quobyte:@QuobyteVolumeSource rbd:@RBDPersistentVolumeSource scaleIO:@ScaleIOPersistentVolumeSource storageClassName:s
 storageos:@StorageOSPersistentVolumeSource volumeAttributesClassName:s volumeMode:s
 vsphereVolume:@VsphereVirtualDiskVolumeSource
PersistentVolumeStatus lastPhaseTransitionTime:u message:s phase:s reason:s
PodDisruptionBudget apiVersion:s kind:s metadata:@ObjectMeta spec:@PodDisruptionBudgetSpec
 status:@PodDisruptionBudgetStatus
PodDisruptionBudgetSpec maxUnavailable:x minAvailable:x selector:@LabelSelector unhealthyPodEvictionPolicy:s
PodDisruptionBudgetStatus conditions:[type]@Condition currentHealthy:n desiredHealthy:n disruptedPods:{}u
 disruptionsAllowed:n expectedPods:n observedGeneration:n
PodsMetricSource metric:@MetricIdentifier target:@MetricTarget
PodsMetricStatus current:@MetricValueStatus metric:@MetricIdentifier
PolicyRule apiGroups:[]s nonResourceURLs:[]s resourceNames:[]s resources:[]s verbs:[]s
PolicyRulesWithSubjects nonResourceRules:[]@NonResourcePolicyRule resourceRules:[]@ResourcePolicyRule
 subjects:[]@Subject2
PortStatus error:s port:n protocol:s
Preconditions resourceVersion:s uid:s
PriorityClass apiVersion:s description:s globalDefault:b kind:s metadata:@ObjectMeta preemptionPolicy:s value:n
PriorityLevelConfiguration apiVersion:s kind:s metadata:@ObjectMeta spec:@PriorityLevelConfigurationSpec
 status:@PriorityLevelConfigurationStatus
PriorityLevelConfigurationCondition lastTransitionTime:u message:s reason:s status:s type:s
PriorityLevelConfigurationReference name:s
PriorityLevelConfigurationSpec exempt:@ExemptPriorityLevelConfiguration limited:@LimitedPriorityLevelConfiguration
 type:s
PriorityLevelConfigurationStatus conditions:[type]@PriorityLevelConfigurationCondition
QueuingConfiguration handSize:n queueLengthLimit:n queues:n
RBDPersistentVolumeSource fsType:s image:s keyring:s monitors:[]s pool:s readOnly:b secretRef:@SecretReference user:s
ResourceMetricSource name:s target:@MetricTarget
ResourceMetricStatus current:@MetricValueStatus name:s
ResourcePolicyRule apiGroups:[+]s clusterScope:b namespaces:[+]s resources:[+]s verbs:[+]s
ResourceQuota apiVersion:s kind:s metadata:@ObjectMeta spec:@ResourceQuotaSpec status:@ResourceQuotaStatus
ResourceQuotaSpec hard:{}u scopeSelector:@ScopeSelector scopes:[]s
ResourceQuotaStatus hard:{}u used:{}u
Role apiVersion:s kind:s metadata:@ObjectMeta rules:[]@PolicyRule
RoleBinding apiVersion:s kind:s metadata:@ObjectMeta roleRef:@RoleRef subjects:[]@Subject
RoleRef= apiGroup:s kind:s name:s
RuleWithOperations apiGroups:[]s apiVersions:[]s operations:[]s resources:[]s scope:s
RuntimeClass apiVersion:s handler:s kind:s metadata:@ObjectMeta overhead:@Overhead scheduling:@Scheduling
Scale apiVersion:s kind:s metadata:@ObjectMeta spec:@ScaleSpec status:@ScaleStatus
ScaleIOPersistentVolumeSource fsType:s gateway:s protectionDomain:s readOnly:b secretRef:@SecretReference sslEnabled:b
 storageMode:s storagePool:s system:s volumeName:s
ScaleSpec replicas:n
ScaleStatus replicas:n selector:s
Scheduling nodeSelector:={}s tolerations:[]@Toleration
ScopeSelector= matchExpressions:[]@ScopedResourceSelectorRequirement
ScopedResourceSelectorRequirement operator:s scopeName:s values:[]s
Secret apiVersion:s data:{}s immutable:b kind:s metadata:@ObjectMeta stringData:{}s type:s
SecretReference= name:s namespace:s
SelectableField jsonPath:s
Service apiVersion:s kind:s metadata:@ObjectMeta spec:@ServiceSpec status:@ServiceStatus
ServiceAccount apiVersion:s automountServiceAccountToken:b imagePullSecrets:[]@LocalObjectReference kind:s
 metadata:@ObjectMeta secrets:[name]@ObjectReference
ServiceAccountSubject name:s namespace:s
ServiceBackendPort= name:s number:n
ServicePort appProtocol:s name:s nodePort:n port:n!0 protocol:s!TCP targetPort:x
ServiceReference name:s namespace:s port:n
ServiceReference2 name:s namespace:s path:s port:n
ServiceReference3 name:s namespace:s path:s port:n
ServiceSpec allocateLoadBalancerNodePorts:b clusterIP:s clusterIPs:[]s externalIPs:[]s externalName:s
 externalTrafficPolicy:s healthCheckNodePort:n internalTrafficPolicy:s ipFamilies:[]s ipFamilyPolicy:s
 loadBalancerClass:s loadBalancerIP:s loadBalancerSourceRanges:[]s ports:[port,protocol]@ServicePort
 publishNotReadyAddresses:b selector:={}s sessionAffinity:s sessionAffinityConfig:@SessionAffinityConfig
 trafficDistribution:s type:s
ServiceStatus conditions:[type]@Condition loadBalancer:@LoadBalancerStatus
SessionAffinityConfig clientIP:@ClientIPConfig
StorageClass allowVolumeExpansion:b allowedTopologies:[]@TopologySelectorTerm apiVersion:s kind:s metadata:@ObjectMeta
 mountOptions:[]s parameters:{}s provisioner:s reclaimPolicy:s volumeBindingMode:s
StorageOSPersistentVolumeSource fsType:s readOnly:b secretRef:@ObjectReference volumeName:s volumeNamespace:s
Subject= apiGroup:s kind:s name:s namespace:s
Subject2 group:@GroupSubject kind:s serviceAccount:@ServiceAccountSubject user:@UserSubject
Taint effect:s key:s timeAdded:u value:s
TokenRequest audience:s expirationSeconds:n
TopologySelectorLabelRequirement key:s values:[]s
TopologySelectorTerm= matchLabelExpressions:[]@TopologySelectorLabelRequirement
TypeChecking expressionWarnings:[]@ExpressionWarning
UserSubject name:s
ValidatingAdmissionPolicy apiVersion:s kind:s metadata:@ObjectMeta spec:@ValidatingAdmissionPolicySpec
 status:@ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicyBinding apiVersion:s kind:s metadata:@ObjectMeta spec:@ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingSpec matchResources:@MatchResources paramRef:@ParamRef policyName:s
 validationActions:[+]s
ValidatingAdmissionPolicySpec auditAnnotations:[]@AuditAnnotation failurePolicy:s
 matchConditions:[name]@MatchCondition matchConstraints:@MatchResources paramKind:@ParamKind validations:[]@Validation
 variables:[name]@Variable
ValidatingAdmissionPolicyStatus conditions:[type]@Condition observedGeneration:n typeChecking:@TypeChecking
ValidatingWebhook admissionReviewVersions:[]s clientConfig:@WebhookClientConfig failurePolicy:s
 matchConditions:[name]@MatchCondition matchPolicy:s name:s! namespaceSelector:@LabelSelector
 objectSelector:@LabelSelector rules:[]@RuleWithOperations sideEffects:s timeoutSeconds:n
ValidatingWebhookConfiguration apiVersion:s kind:s metadata:@ObjectMeta webhooks:[name]@ValidatingWebhook
Validation expression:s message:s messageExpression:s reason:s
ValidationRule fieldPath:s message:s messageExpression:s optionalOldSelf:b reason:s rule:s!
Variable= expression:s name:s!
VolumeAttachment apiVersion:s kind:s metadata:@ObjectMeta spec:@VolumeAttachmentSpec status:@VolumeAttachmentStatus
VolumeAttachmentSource inlineVolumeSpec:@PersistentVolumeSpec persistentVolumeName:s
VolumeAttachmentSpec attacher:s nodeName:s source:@VolumeAttachmentSource
VolumeAttachmentStatus attachError:@VolumeError attached:b attachmentMetadata:{}s detachError:@VolumeError
VolumeError message:s time:u
VolumeNodeAffinity required:@NodeSelector
VolumeNodeResources count:n
WebhookClientConfig caBundle:s service:@ServiceReference2 url:s
WebhookClientConfig2 caBundle:s service:@ServiceReference3 url:s
WebhookConversion clientConfig:@WebhookClientConfig2 conversionReviewVersions:[]s
"""
"""All but those in ``workloads``."""
