"""The fields of the Go types into which the reference decodes a workload before it checks it.

Facts of k8s.io/api v0.36 (apps/v1 Deployment, batch/v1 CronJob, core/v1 Pod and all that they hold), one type a row:
its name, then ``field:type``. Types: ``s`` string, ``b`` bool, ``i`` int32, ``I`` int64, ``T`` Time, ``Q`` Quantity,
``N`` IntOrString, ``F`` any value, ``R`` ResourceList, ``M`` an unnamed map of quantities, ``[]x`` list, ``{}x`` map
from string, ``s=Name`` a named string, else another row. ``Name( ... )`` are the fields of an embedded type.
A row goes on where the next line is indented.
"""

TABLE = """
Deployment TypeMeta( kind:s apiVersion:s ) metadata:ObjectMeta spec:DeploymentSpec status:DeploymentStatus
CronJob TypeMeta( kind:s apiVersion:s ) metadata:ObjectMeta spec:CronJobSpec status:CronJobStatus
Pod TypeMeta( kind:s apiVersion:s ) metadata:ObjectMeta spec:PodSpec status:PodStatus
ObjectMeta name:s generateName:s namespace:s selfLink:s uid:s=types.UID resourceVersion:s generation:I
  creationTimestamp:T deletionTimestamp:T deletionGracePeriodSeconds:I labels:{}s annotations:{}s
  ownerReferences:[]OwnerReference finalizers:[]s managedFields:[]ManagedFieldsEntry
DeploymentSpec replicas:i selector:LabelSelector template:PodTemplateSpec strategy:DeploymentStrategy
  minReadySeconds:i revisionHistoryLimit:i paused:b progressDeadlineSeconds:i
DeploymentStatus observedGeneration:I replicas:i updatedReplicas:i readyReplicas:i availableReplicas:i
  unavailableReplicas:i terminatingReplicas:i conditions:[]DeploymentCondition collisionCount:i
CronJobSpec schedule:s timeZone:s startingDeadlineSeconds:I concurrencyPolicy:s=ConcurrencyPolicy suspend:b
  jobTemplate:JobTemplateSpec successfulJobsHistoryLimit:i failedJobsHistoryLimit:i
CronJobStatus active:[]ObjectReference lastScheduleTime:T lastSuccessfulTime:T
PodSpec volumes:[]Volume initContainers:[]Container containers:[]Container ephemeralContainers:[]EphemeralContainer
  restartPolicy:s=RestartPolicy terminationGracePeriodSeconds:I activeDeadlineSeconds:I dnsPolicy:s=DNSPolicy
  nodeSelector:{}s serviceAccountName:s serviceAccount:s automountServiceAccountToken:b nodeName:s hostNetwork:b
  hostPID:b hostIPC:b shareProcessNamespace:b securityContext:PodSecurityContext
  imagePullSecrets:[]LocalObjectReference hostname:s subdomain:s affinity:Affinity schedulerName:s
  tolerations:[]Toleration hostAliases:[]HostAlias priorityClassName:s priority:i dnsConfig:PodDNSConfig
  readinessGates:[]PodReadinessGate runtimeClassName:s enableServiceLinks:b preemptionPolicy:s=PreemptionPolicy
  overhead:R topologySpreadConstraints:[]TopologySpreadConstraint setHostnameAsFQDN:b os:PodOS hostUsers:b
  schedulingGates:[]PodSchedulingGate resourceClaims:[]PodResourceClaim resources:ResourceRequirements
  hostnameOverride:s schedulingGroup:PodSchedulingGroup
PodStatus observedGeneration:I phase:s=PodPhase conditions:[]PodCondition message:s reason:s nominatedNodeName:s
  hostIP:s hostIPs:[]HostIP podIP:s podIPs:[]PodIP startTime:T initContainerStatuses:[]ContainerStatus
  containerStatuses:[]ContainerStatus qosClass:s=PodQOSClass ephemeralContainerStatuses:[]ContainerStatus
  resize:s=PodResizeStatus resourceClaimStatuses:[]PodResourceClaimStatus
  extendedResourceClaimStatus:PodExtendedResourceClaimStatus allocatedResources:R resources:ResourceRequirements
  nodeAllocatableResourceClaimStatuses:[]NodeAllocatableResourceClaimStatus
OwnerReference apiVersion:s kind:s name:s uid:s=types.UID controller:b blockOwnerDeletion:b
ManagedFieldsEntry manager:s operation:s=ManagedFieldsOperationType apiVersion:s time:T fieldsType:s fieldsV1:F
  subresource:s
LabelSelector matchLabels:{}s matchExpressions:[]LabelSelectorRequirement
PodTemplateSpec metadata:ObjectMeta spec:PodSpec
DeploymentStrategy type:s=DeploymentStrategyType rollingUpdate:RollingUpdateDeployment
DeploymentCondition type:s=DeploymentConditionType status:s=ConditionStatus lastUpdateTime:T lastTransitionTime:T
  reason:s message:s
JobTemplateSpec metadata:ObjectMeta spec:JobSpec
ObjectReference kind:s namespace:s name:s uid:s=types.UID apiVersion:s resourceVersion:s fieldPath:s
Volume name:s VolumeSource( hostPath:HostPathVolumeSource emptyDir:EmptyDirVolumeSource
  gcePersistentDisk:GCEPersistentDiskVolumeSource awsElasticBlockStore:AWSElasticBlockStoreVolumeSource
  gitRepo:GitRepoVolumeSource secret:SecretVolumeSource nfs:NFSVolumeSource iscsi:ISCSIVolumeSource
  glusterfs:GlusterfsVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource rbd:RBDVolumeSource
  flexVolume:FlexVolumeSource cinder:CinderVolumeSource cephfs:CephFSVolumeSource flocker:FlockerVolumeSource
  downwardAPI:DownwardAPIVolumeSource fc:FCVolumeSource azureFile:AzureFileVolumeSource
  configMap:ConfigMapVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource quobyte:QuobyteVolumeSource
  azureDisk:AzureDiskVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource
  projected:ProjectedVolumeSource portworxVolume:PortworxVolumeSource scaleIO:ScaleIOVolumeSource
  storageos:StorageOSVolumeSource csi:CSIVolumeSource ephemeral:EphemeralVolumeSource image:ImageVolumeSource )
Container name:s image:s command:[]s args:[]s workingDir:s ports:[]ContainerPort envFrom:[]EnvFromSource env:[]EnvVar
  resources:ResourceRequirements resizePolicy:[]ContainerResizePolicy restartPolicy:s=ContainerRestartPolicy
  restartPolicyRules:[]ContainerRestartRule volumeMounts:[]VolumeMount volumeDevices:[]VolumeDevice
  livenessProbe:Probe readinessProbe:Probe startupProbe:Probe lifecycle:Lifecycle terminationMessagePath:s
  terminationMessagePolicy:s=TerminationMessagePolicy imagePullPolicy:s=PullPolicy securityContext:SecurityContext
  stdin:b stdinOnce:b tty:b
EphemeralContainer EphemeralContainerCommon( name:s image:s command:[]s args:[]s workingDir:s ports:[]ContainerPort
  envFrom:[]EnvFromSource env:[]EnvVar resources:ResourceRequirements resizePolicy:[]ContainerResizePolicy
  restartPolicy:s=ContainerRestartPolicy restartPolicyRules:[]ContainerRestartRule volumeMounts:[]VolumeMount
  volumeDevices:[]VolumeDevice livenessProbe:Probe readinessProbe:Probe startupProbe:Probe lifecycle:Lifecycle
  terminationMessagePath:s terminationMessagePolicy:s=TerminationMessagePolicy imagePullPolicy:s=PullPolicy
  securityContext:SecurityContext stdin:b stdinOnce:b tty:b ) targetContainerName:s
PodSecurityContext seLinuxOptions:SELinuxOptions windowsOptions:WindowsSecurityContextOptions runAsUser:I runAsGroup:I
  runAsNonRoot:b supplementalGroups:[]I supplementalGroupsPolicy:s=SupplementalGroupsPolicy fsGroup:I sysctls:[]Sysctl
  fsGroupChangePolicy:s=PodFSGroupChangePolicy seccompProfile:SeccompProfile appArmorProfile:AppArmorProfile
  seLinuxChangePolicy:s=PodSELinuxChangePolicy
LocalObjectReference name:s
Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
Toleration key:s operator:s=TolerationOperator value:s effect:s=TaintEffect tolerationSeconds:I
HostAlias ip:s hostnames:[]s
PodDNSConfig nameservers:[]s searches:[]s options:[]PodDNSConfigOption
PodReadinessGate conditionType:s=PodConditionType
TopologySpreadConstraint maxSkew:i topologyKey:s whenUnsatisfiable:s=UnsatisfiableConstraintAction
  labelSelector:LabelSelector minDomains:i nodeAffinityPolicy:s=NodeInclusionPolicy
  nodeTaintsPolicy:s=NodeInclusionPolicy matchLabelKeys:[]s
PodOS name:s=OSName
PodSchedulingGate name:s
PodResourceClaim name:s resourceClaimName:s resourceClaimTemplateName:s
ResourceRequirements limits:R requests:R claims:[]ResourceClaim
PodSchedulingGroup podGroupName:s
PodCondition type:s=PodConditionType observedGeneration:I status:s=ConditionStatus lastProbeTime:T
  lastTransitionTime:T reason:s message:s
HostIP ip:s
PodIP ip:s
ContainerStatus name:s state:ContainerState lastState:ContainerState ready:b restartCount:i image:s imageID:s
  containerID:s started:b allocatedResources:R resources:ResourceRequirements volumeMounts:[]VolumeMountStatus
  user:ContainerUser allocatedResourcesStatus:[]ResourceStatus stopSignal:s=Signal
PodResourceClaimStatus name:s resourceClaimName:s
PodExtendedResourceClaimStatus requestMappings:[]ContainerExtendedResourceRequest resourceClaimName:s
NodeAllocatableResourceClaimStatus resourceClaimName:s containers:[]s resources:M
LabelSelectorRequirement key:s operator:s=LabelSelectorOperator values:[]s
RollingUpdateDeployment maxUnavailable:N maxSurge:N
JobSpec parallelism:i completions:i activeDeadlineSeconds:I podFailurePolicy:PodFailurePolicy
  successPolicy:SuccessPolicy backoffLimit:i backoffLimitPerIndex:i maxFailedIndexes:i selector:LabelSelector
  manualSelector:b template:PodTemplateSpec ttlSecondsAfterFinished:i completionMode:s=CompletionMode suspend:b
  podReplacementPolicy:s=PodReplacementPolicy managedBy:s
HostPathVolumeSource path:s type:s=HostPathType
EmptyDirVolumeSource medium:s=StorageMedium sizeLimit:Q
GCEPersistentDiskVolumeSource pdName:s fsType:s partition:i readOnly:b
AWSElasticBlockStoreVolumeSource volumeID:s fsType:s partition:i readOnly:b
GitRepoVolumeSource repository:s revision:s directory:s
SecretVolumeSource secretName:s items:[]KeyToPath defaultMode:i optional:b
NFSVolumeSource server:s path:s readOnly:b
ISCSIVolumeSource targetPortal:s iqn:s lun:i iscsiInterface:s fsType:s readOnly:b portals:[]s chapAuthDiscovery:b
  chapAuthSession:b secretRef:LocalObjectReference initiatorName:s
GlusterfsVolumeSource endpoints:s path:s readOnly:b
PersistentVolumeClaimVolumeSource claimName:s readOnly:b
RBDVolumeSource monitors:[]s image:s fsType:s pool:s user:s keyring:s secretRef:LocalObjectReference readOnly:b
FlexVolumeSource driver:s fsType:s secretRef:LocalObjectReference readOnly:b options:{}s
CinderVolumeSource volumeID:s fsType:s readOnly:b secretRef:LocalObjectReference
CephFSVolumeSource monitors:[]s path:s user:s secretFile:s secretRef:LocalObjectReference readOnly:b
FlockerVolumeSource datasetName:s datasetUUID:s
DownwardAPIVolumeSource items:[]DownwardAPIVolumeFile defaultMode:i
FCVolumeSource targetWWNs:[]s lun:i fsType:s readOnly:b wwids:[]s
AzureFileVolumeSource secretName:s shareName:s readOnly:b
ConfigMapVolumeSource LocalObjectReference( name:s ) items:[]KeyToPath defaultMode:i optional:b
VsphereVirtualDiskVolumeSource volumePath:s fsType:s storagePolicyName:s storagePolicyID:s
QuobyteVolumeSource registry:s volume:s readOnly:b user:s group:s tenant:s
AzureDiskVolumeSource diskName:s diskURI:s cachingMode:s=AzureDataDiskCachingMode fsType:s readOnly:b
  kind:s=AzureDataDiskKind
PhotonPersistentDiskVolumeSource pdID:s fsType:s
ProjectedVolumeSource sources:[]VolumeProjection defaultMode:i
PortworxVolumeSource volumeID:s fsType:s readOnly:b
ScaleIOVolumeSource gateway:s system:s secretRef:LocalObjectReference sslEnabled:b protectionDomain:s storagePool:s
  storageMode:s volumeName:s fsType:s readOnly:b
StorageOSVolumeSource volumeName:s volumeNamespace:s fsType:s readOnly:b secretRef:LocalObjectReference
CSIVolumeSource driver:s readOnly:b fsType:s volumeAttributes:{}s nodePublishSecretRef:LocalObjectReference
EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
ImageVolumeSource reference:s pullPolicy:s=PullPolicy
ContainerPort name:s hostPort:i containerPort:i protocol:s=Protocol hostIP:s
EnvFromSource prefix:s configMapRef:ConfigMapEnvSource secretRef:SecretEnvSource
EnvVar name:s value:s valueFrom:EnvVarSource
ContainerResizePolicy resourceName:s=ResourceName restartPolicy:s=ResourceResizeRestartPolicy
ContainerRestartRule action:s=ContainerRestartRuleAction exitCodes:ContainerRestartRuleOnExitCodes
VolumeMount name:s readOnly:b recursiveReadOnly:s=RecursiveReadOnlyMode mountPath:s subPath:s
  mountPropagation:s=MountPropagationMode subPathExpr:s
VolumeDevice name:s devicePath:s
Probe ProbeHandler( exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction grpc:GRPCAction )
  initialDelaySeconds:i timeoutSeconds:i periodSeconds:i successThreshold:i failureThreshold:i
  terminationGracePeriodSeconds:I
Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s=Signal
SecurityContext capabilities:Capabilities privileged:b seLinuxOptions:SELinuxOptions
  windowsOptions:WindowsSecurityContextOptions runAsUser:I runAsGroup:I runAsNonRoot:b readOnlyRootFilesystem:b
  allowPrivilegeEscalation:b procMount:s=ProcMountType seccompProfile:SeccompProfile appArmorProfile:AppArmorProfile
SELinuxOptions user:s role:s type:s level:s
WindowsSecurityContextOptions gmsaCredentialSpecName:s gmsaCredentialSpec:s runAsUserName:s hostProcess:b
Sysctl name:s value:s
SeccompProfile type:s=SeccompProfileType localhostProfile:s
AppArmorProfile type:s=AppArmorProfileType localhostProfile:s
NodeAffinity requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
  preferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm
PodAffinity requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
  preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
  preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
PodDNSConfigOption name:s value:s
ResourceClaim name:s request:s
ContainerState waiting:ContainerStateWaiting running:ContainerStateRunning terminated:ContainerStateTerminated
VolumeMountStatus name:s mountPath:s readOnly:b recursiveReadOnly:s=RecursiveReadOnlyMode volumeStatus:VolumeStatus
ContainerUser linux:LinuxContainerUser
ResourceStatus name:s=ResourceName resources:[]ResourceHealth
ContainerExtendedResourceRequest containerName:s resourceName:s requestName:s
PodFailurePolicy rules:[]PodFailurePolicyRule
SuccessPolicy rules:[]SuccessPolicyRule
KeyToPath key:s path:s mode:i
DownwardAPIVolumeFile path:s fieldRef:ObjectFieldSelector resourceFieldRef:ResourceFieldSelector mode:i
VolumeProjection secret:SecretProjection downwardAPI:DownwardAPIProjection configMap:ConfigMapProjection
  serviceAccountToken:ServiceAccountTokenProjection clusterTrustBundle:ClusterTrustBundleProjection
  podCertificate:PodCertificateProjection
PersistentVolumeClaimTemplate metadata:ObjectMeta spec:PersistentVolumeClaimSpec
ConfigMapEnvSource LocalObjectReference( name:s ) optional:b
SecretEnvSource LocalObjectReference( name:s ) optional:b
EnvVarSource fieldRef:ObjectFieldSelector resourceFieldRef:ResourceFieldSelector configMapKeyRef:ConfigMapKeySelector
  secretKeyRef:SecretKeySelector fileKeyRef:FileKeySelector
ContainerRestartRuleOnExitCodes operator:s=ContainerRestartRuleOnExitCodesOperator values:[]i
ExecAction command:[]s
HTTPGetAction path:s port:N host:s scheme:s=URIScheme httpHeaders:[]HTTPHeader
TCPSocketAction port:N host:s
GRPCAction port:i service:s
LifecycleHandler exec:ExecAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction sleep:SleepAction
Capabilities add:[]s=Capability drop:[]s=Capability
NodeSelector nodeSelectorTerms:[]NodeSelectorTerm
PreferredSchedulingTerm weight:i preference:NodeSelectorTerm
PodAffinityTerm labelSelector:LabelSelector namespaces:[]s topologyKey:s namespaceSelector:LabelSelector
  matchLabelKeys:[]s mismatchLabelKeys:[]s
WeightedPodAffinityTerm weight:i podAffinityTerm:PodAffinityTerm
ContainerStateWaiting reason:s message:s
ContainerStateRunning startedAt:T
ContainerStateTerminated exitCode:i signal:i reason:s message:s startedAt:T finishedAt:T containerID:s
VolumeStatus image:ImageVolumeStatus
LinuxContainerUser uid:I gid:I supplementalGroups:[]I
ResourceHealth resourceID:s=ResourceID health:s=ResourceHealthStatus message:s
PodFailurePolicyRule action:s=PodFailurePolicyAction onExitCodes:PodFailurePolicyOnExitCodesRequirement
  onPodConditions:[]PodFailurePolicyOnPodConditionsPattern
SuccessPolicyRule succeededIndexes:s succeededCount:i
ObjectFieldSelector apiVersion:s fieldPath:s
ResourceFieldSelector containerName:s resource:s divisor:Q
SecretProjection LocalObjectReference( name:s ) items:[]KeyToPath optional:b
DownwardAPIProjection items:[]DownwardAPIVolumeFile
ConfigMapProjection LocalObjectReference( name:s ) items:[]KeyToPath optional:b
ServiceAccountTokenProjection audience:s expirationSeconds:I path:s
ClusterTrustBundleProjection name:s signerName:s labelSelector:LabelSelector optional:b path:s
PodCertificateProjection signerName:s keyType:s maxExpirationSeconds:i credentialBundlePath:s keyPath:s
  certificateChainPath:s userAnnotations:{}s
PersistentVolumeClaimSpec accessModes:[]s=PersistentVolumeAccessMode selector:LabelSelector
  resources:VolumeResourceRequirements volumeName:s storageClassName:s volumeMode:s=PersistentVolumeMode
  dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference volumeAttributesClassName:s
ConfigMapKeySelector LocalObjectReference( name:s ) key:s optional:b
SecretKeySelector LocalObjectReference( name:s ) key:s optional:b
FileKeySelector volumeName:s path:s key:s optional:b
HTTPHeader name:s value:s
SleepAction seconds:I
NodeSelectorTerm matchExpressions:[]NodeSelectorRequirement matchFields:[]NodeSelectorRequirement
ImageVolumeStatus imageRef:s
PodFailurePolicyOnExitCodesRequirement containerName:s operator:s=PodFailurePolicyOnExitCodesOperator values:[]i
PodFailurePolicyOnPodConditionsPattern type:s=PodConditionType status:s=ConditionStatus
VolumeResourceRequirements limits:R requests:R
TypedLocalObjectReference apiGroup:s kind:s name:s
TypedObjectReference apiGroup:s kind:s name:s namespace:s
NodeSelectorRequirement key:s operator:s=NodeSelectorOperator values:[]s
"""
