"""The types of Pods and what controls them, written as in ``kubernetes``."""

from __future__ import annotations

from typing import Final

TYPES: Final = """
AWSElasticBlockStoreVolumeSource fsType:s partition:n readOnly:b volumeID:s
Affinity nodeAffinity:@NodeAffinity podAffinity:@PodAffinity podAntiAffinity:@PodAntiAffinity
AppArmorProfile localhostProfile:s type:s
AzureDiskVolumeSource cachingMode:s diskName:s diskURI:s fsType:s kind:s readOnly:b
AzureFileVolumeSource readOnly:b secretName:s shareName:s
CSIVolumeSource driver:s fsType:s nodePublishSecretRef:@LocalObjectReference readOnly:b volumeAttributes:{}s
Capabilities add:[]s drop:[]s
CephFSVolumeSource monitors:[]s path:s readOnly:b secretFile:s secretRef:@LocalObjectReference user:s
CinderVolumeSource fsType:s readOnly:b secretRef:@LocalObjectReference volumeID:s
ClusterTrustBundleProjection labelSelector:@LabelSelector name:s optional:b path:s signerName:s
ConfigMapEnvSource name:s optional:b
ConfigMapKeySelector= key:s name:s optional:b
ConfigMapProjection items:[]@KeyToPath name:s optional:b
ConfigMapVolumeSource defaultMode:n items:[]@KeyToPath name:s optional:b
Container args:[]s command:[]s env:[name]@EnvVar envFrom:[]@EnvFromSource image:s imagePullPolicy:s
 lifecycle:@Lifecycle livenessProbe:@Probe name:s! ports:[containerPort,protocol]@ContainerPort readinessProbe:@Probe
 resizePolicy:[]@ContainerResizePolicy resources:@ResourceRequirements restartPolicy:s
 securityContext:@SecurityContext startupProbe:@Probe stdin:b stdinOnce:b terminationMessagePath:s
 terminationMessagePolicy:s tty:b volumeDevices:[devicePath]@VolumeDevice volumeMounts:[mountPath]@VolumeMount
 workingDir:s
ContainerPort containerPort:n!0 hostIP:s hostPort:n name:s protocol:s!TCP
ContainerResizePolicy resourceName:s restartPolicy:s
ContainerState running:@ContainerStateRunning terminated:@ContainerStateTerminated waiting:@ContainerStateWaiting
ContainerStateRunning startedAt:u
ContainerStateTerminated containerID:s exitCode:n finishedAt:u message:s reason:s signal:n startedAt:u
ContainerStateWaiting message:s reason:s
ContainerStatus allocatedResources:{}u allocatedResourcesStatus:[name]@ResourceStatus containerID:s image:s imageID:s
 lastState:@ContainerState name:s ready:b resources:@ResourceRequirements restartCount:n started:b
 state:@ContainerState user:@ContainerUser volumeMounts:[mountPath]@VolumeMountStatus
ContainerUser linux:@LinuxContainerUser
CronJob apiVersion:s kind:s metadata:@ObjectMeta spec:@CronJobSpec status:@CronJobStatus
CronJobSpec concurrencyPolicy:s failedJobsHistoryLimit:n jobTemplate:@JobTemplateSpec schedule:s
 startingDeadlineSeconds:n successfulJobsHistoryLimit:n suspend:b timeZone:s
CronJobStatus active:[]@ObjectReference lastScheduleTime:u lastSuccessfulTime:u
DaemonSet apiVersion:s kind:s metadata:@ObjectMeta spec:@DaemonSetSpec status:@DaemonSetStatus
DaemonSetCondition lastTransitionTime:u message:s reason:s status:s type:s!
DaemonSetSpec minReadySeconds:n revisionHistoryLimit:n selector:@LabelSelector template:@PodTemplateSpec
 updateStrategy:@DaemonSetUpdateStrategy
DaemonSetStatus collisionCount:n conditions:[type]@DaemonSetCondition currentNumberScheduled:n
 desiredNumberScheduled:n numberAvailable:n numberMisscheduled:n numberReady:n numberUnavailable:n
 observedGeneration:n updatedNumberScheduled:n
DaemonSetUpdateStrategy rollingUpdate:@RollingUpdateDaemonSet type:s
Deployment apiVersion:s kind:s metadata:@ObjectMeta spec:@DeploymentSpec status:@DeploymentStatus
DeploymentCondition lastTransitionTime:u lastUpdateTime:u message:s reason:s status:s type:s!
DeploymentSpec minReadySeconds:n paused:b progressDeadlineSeconds:n replicas:n revisionHistoryLimit:n
 selector:@LabelSelector strategy:@DeploymentStrategy template:@PodTemplateSpec
DeploymentStatus availableReplicas:n collisionCount:n conditions:[type]@DeploymentCondition observedGeneration:n
 readyReplicas:n replicas:n unavailableReplicas:n updatedReplicas:n
DeploymentStrategy rollingUpdate:@RollingUpdateDeployment type:s
DownwardAPIProjection items:[]@DownwardAPIVolumeFile
DownwardAPIVolumeFile fieldRef:@ObjectFieldSelector mode:n path:s resourceFieldRef:@ResourceFieldSelector
DownwardAPIVolumeSource defaultMode:n items:[]@DownwardAPIVolumeFile
EmptyDirVolumeSource medium:s sizeLimit:u
EnvFromSource configMapRef:@ConfigMapEnvSource prefix:s secretRef:@SecretEnvSource
EnvVar name:s! value:s valueFrom:@EnvVarSource
EnvVarSource configMapKeyRef:@ConfigMapKeySelector fieldRef:@ObjectFieldSelector
 resourceFieldRef:@ResourceFieldSelector secretKeyRef:@SecretKeySelector
EphemeralContainer args:[]s command:[]s env:[name]@EnvVar envFrom:[]@EnvFromSource image:s imagePullPolicy:s
 lifecycle:@Lifecycle livenessProbe:@Probe name:s! ports:[containerPort,protocol]@ContainerPort readinessProbe:@Probe
 resizePolicy:[]@ContainerResizePolicy resources:@ResourceRequirements restartPolicy:s
 securityContext:@SecurityContext startupProbe:@Probe stdin:b stdinOnce:b targetContainerName:s
 terminationMessagePath:s terminationMessagePolicy:s tty:b volumeDevices:[devicePath]@VolumeDevice
 volumeMounts:[mountPath]@VolumeMount workingDir:s
EphemeralVolumeSource volumeClaimTemplate:@PersistentVolumeClaimTemplate
ExecAction command:[]s
FCVolumeSource fsType:s lun:n readOnly:b targetWWNs:[]s wwids:[]s
FlexVolumeSource driver:s fsType:s options:{}s readOnly:b secretRef:@LocalObjectReference
FlockerVolumeSource datasetName:s datasetUUID:s
GCEPersistentDiskVolumeSource fsType:s partition:n pdName:s readOnly:b
GRPCAction port:n service:s
GitRepoVolumeSource directory:s repository:s revision:s
GlusterfsVolumeSource endpoints:s path:s readOnly:b
HTTPGetAction host:s httpHeaders:[]@HTTPHeader path:s port:x scheme:s
HTTPHeader name:s value:s
HostAlias hostnames:[]s ip:s!
HostIP ip:s
HostPathVolumeSource path:s type:s
ISCSIVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s iscsiInterface:s lun:n
 portals:[]s readOnly:b secretRef:@LocalObjectReference targetPortal:s
ImageVolumeSource pullPolicy:s reference:s
Job apiVersion:s kind:s metadata:@ObjectMeta spec:@JobSpec status:@JobStatus
JobCondition lastProbeTime:u lastTransitionTime:u message:s reason:s status:s type:s
JobSpec activeDeadlineSeconds:n backoffLimit:n backoffLimitPerIndex:n completionMode:s completions:n managedBy:s
 manualSelector:b maxFailedIndexes:n parallelism:n podFailurePolicy:@PodFailurePolicy podReplacementPolicy:s
 selector:@LabelSelector successPolicy:@SuccessPolicy suspend:b template:@PodTemplateSpec ttlSecondsAfterFinished:n
JobStatus active:n completedIndexes:s completionTime:u conditions:[]@JobCondition failed:n failedIndexes:s ready:n
 startTime:u succeeded:n terminating:n uncountedTerminatedPods:@UncountedTerminatedPods
JobTemplateSpec metadata:@ObjectMeta spec:@JobSpec
KeyToPath key:s mode:n path:s
LabelSelector= matchExpressions:[]@LabelSelectorRequirement matchLabels:{}s
LabelSelectorRequirement key:s operator:s values:[]s
Lifecycle postStart:@LifecycleHandler preStop:@LifecycleHandler
LifecycleHandler exec:@ExecAction httpGet:@HTTPGetAction sleep:@SleepAction tcpSocket:@TCPSocketAction
LinuxContainerUser gid:n supplementalGroups:[]n uid:n
LocalObjectReference= name:s!
ManagedFieldsEntry apiVersion:s fieldsType:s fieldsV1:{}x manager:s operation:s subresource:s time:u
ModifyVolumeStatus status:s targetVolumeAttributesClassName:s
NFSVolumeSource path:s readOnly:b server:s
NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[]@PreferredSchedulingTerm
 requiredDuringSchedulingIgnoredDuringExecution:@NodeSelector
NodeSelector= nodeSelectorTerms:[]@NodeSelectorTerm
NodeSelectorRequirement key:s operator:s values:[]s
NodeSelectorTerm= matchExpressions:[]@NodeSelectorRequirement matchFields:[]@NodeSelectorRequirement
ObjectFieldSelector= apiVersion:s fieldPath:s
ObjectMeta annotations:{}s creationTimestamp:u deletionGracePeriodSeconds:n deletionTimestamp:u finalizers:[+]s
 generateName:s generation:n labels:{}s managedFields:[]@ManagedFieldsEntry name:s namespace:s
 ownerReferences:[uid]@OwnerReference resourceVersion:s selfLink:s uid:s
ObjectReference= apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s
OwnerReference= apiVersion:s blockOwnerDeletion:b controller:b kind:s name:s uid:s!
PersistentVolumeClaim apiVersion:s kind:s metadata:@ObjectMeta spec:@PersistentVolumeClaimSpec
 status:@PersistentVolumeClaimStatus
PersistentVolumeClaimCondition lastProbeTime:u lastTransitionTime:u message:s reason:s status:s type:s!
PersistentVolumeClaimSpec accessModes:[]s dataSource:@TypedLocalObjectReference dataSourceRef:@TypedObjectReference
 resources:@VolumeResourceRequirements selector:@LabelSelector storageClassName:s volumeAttributesClassName:s
 volumeMode:s volumeName:s
PersistentVolumeClaimStatus accessModes:[]s allocatedResourceStatuses:{}s allocatedResources:{}u capacity:{}u
 conditions:[type]@PersistentVolumeClaimCondition currentVolumeAttributesClassName:s
 modifyVolumeStatus:@ModifyVolumeStatus phase:s
PersistentVolumeClaimTemplate metadata:@ObjectMeta spec:@PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource claimName:s readOnly:b
PhotonPersistentDiskVolumeSource fsType:s pdID:s
Pod apiVersion:s kind:s metadata:@ObjectMeta spec:@PodSpec status:@PodStatus
PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[]@WeightedPodAffinityTerm
 requiredDuringSchedulingIgnoredDuringExecution:[]@PodAffinityTerm
PodAffinityTerm labelSelector:@LabelSelector matchLabelKeys:[]s mismatchLabelKeys:[]s namespaceSelector:@LabelSelector
 namespaces:[]s topologyKey:s
PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[]@WeightedPodAffinityTerm
 requiredDuringSchedulingIgnoredDuringExecution:[]@PodAffinityTerm
PodCondition lastProbeTime:u lastTransitionTime:u message:s reason:s status:s type:s!
PodDNSConfig nameservers:[]s options:[]@PodDNSConfigOption searches:[]s
PodDNSConfigOption name:s value:s
PodFailurePolicy rules:[]@PodFailurePolicyRule
PodFailurePolicyOnExitCodesRequirement containerName:s operator:s values:[+]n
PodFailurePolicyOnPodConditionsPattern status:s type:s
PodFailurePolicyRule action:s onExitCodes:@PodFailurePolicyOnExitCodesRequirement
 onPodConditions:[]@PodFailurePolicyOnPodConditionsPattern
PodIP ip:s!
PodOS name:s
PodReadinessGate conditionType:s
PodResourceClaim name:s! resourceClaimName:s resourceClaimTemplateName:s
PodResourceClaimStatus name:s! resourceClaimName:s
PodSchedulingGate name:s!
PodSecurityContext appArmorProfile:@AppArmorProfile fsGroup:n fsGroupChangePolicy:s runAsGroup:n runAsNonRoot:b
 runAsUser:n seLinuxChangePolicy:s seLinuxOptions:@SELinuxOptions seccompProfile:@SeccompProfile
 supplementalGroups:[]n supplementalGroupsPolicy:s sysctls:[]@Sysctl windowsOptions:@WindowsSecurityContextOptions
PodSpec activeDeadlineSeconds:n affinity:@Affinity automountServiceAccountToken:b containers:[name]@Container
 dnsConfig:@PodDNSConfig dnsPolicy:s enableServiceLinks:b ephemeralContainers:[name]@EphemeralContainer
 hostAliases:[ip]@HostAlias hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname:s
 imagePullSecrets:[name]@LocalObjectReference initContainers:[name]@Container nodeName:s nodeSelector:={}s os:@PodOS
 overhead:{}u preemptionPolicy:s priority:n priorityClassName:s readinessGates:[]@PodReadinessGate
 resourceClaims:[name]@PodResourceClaim resources:@ResourceRequirements restartPolicy:s runtimeClassName:s
 schedulerName:s schedulingGates:[name]@PodSchedulingGate securityContext:@PodSecurityContext serviceAccount:s
 serviceAccountName:s setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:n
 tolerations:[]@Toleration topologySpreadConstraints:[topologyKey,whenUnsatisfiable]@TopologySpreadConstraint
 volumes:[name]@Volume
PodStatus conditions:[type]@PodCondition containerStatuses:[]@ContainerStatus
 ephemeralContainerStatuses:[]@ContainerStatus hostIP:s hostIPs:[]@HostIP initContainerStatuses:[]@ContainerStatus
 message:s nominatedNodeName:s phase:s podIP:s podIPs:[ip]@PodIP qosClass:s reason:s resize:s
 resourceClaimStatuses:[name]@PodResourceClaimStatus startTime:u
PodTemplate apiVersion:s kind:s metadata:@ObjectMeta template:@PodTemplateSpec
PodTemplateSpec metadata:@ObjectMeta spec:@PodSpec
PortworxVolumeSource fsType:s readOnly:b volumeID:s
PreferredSchedulingTerm preference:@NodeSelectorTerm weight:n
Probe exec:@ExecAction failureThreshold:n grpc:@GRPCAction httpGet:@HTTPGetAction initialDelaySeconds:n
 periodSeconds:n successThreshold:n tcpSocket:@TCPSocketAction terminationGracePeriodSeconds:n timeoutSeconds:n
ProjectedVolumeSource defaultMode:n sources:[]@VolumeProjection
QuobyteVolumeSource group:s readOnly:b registry:s tenant:s user:s volume:s
RBDVolumeSource fsType:s image:s keyring:s monitors:[]s pool:s readOnly:b secretRef:@LocalObjectReference user:s
ReplicaSet apiVersion:s kind:s metadata:@ObjectMeta spec:@ReplicaSetSpec status:@ReplicaSetStatus
ReplicaSetCondition lastTransitionTime:u message:s reason:s status:s type:s!
ReplicaSetSpec minReadySeconds:n replicas:n selector:@LabelSelector template:@PodTemplateSpec
ReplicaSetStatus availableReplicas:n conditions:[type]@ReplicaSetCondition fullyLabeledReplicas:n observedGeneration:n
 readyReplicas:n replicas:n
ReplicationController apiVersion:s kind:s metadata:@ObjectMeta spec:@ReplicationControllerSpec
 status:@ReplicationControllerStatus
ReplicationControllerCondition lastTransitionTime:u message:s reason:s status:s type:s!
ReplicationControllerSpec minReadySeconds:n replicas:n selector:={}s template:@PodTemplateSpec
ReplicationControllerStatus availableReplicas:n conditions:[type]@ReplicationControllerCondition
 fullyLabeledReplicas:n observedGeneration:n readyReplicas:n replicas:n
ResourceClaim name:s! request:s
ResourceFieldSelector= containerName:s divisor:u resource:s
ResourceHealth health:s resourceID:s!
ResourceRequirements claims:[name]@ResourceClaim limits:{}u requests:{}u
ResourceStatus name:s! resources:[resourceID]@ResourceHealth
RollingUpdateDaemonSet maxSurge:x maxUnavailable:x
RollingUpdateDeployment maxSurge:x maxUnavailable:x
RollingUpdateStatefulSetStrategy maxUnavailable:x partition:n
SELinuxOptions level:s role:s type:s user:s
ScaleIOVolumeSource fsType:s gateway:s protectionDomain:s readOnly:b secretRef:@LocalObjectReference sslEnabled:b
 storageMode:s storagePool:s system:s volumeName:s
SeccompProfile localhostProfile:s type:s
SecretEnvSource name:s optional:b
SecretKeySelector= key:s name:s optional:b
SecretProjection items:[]@KeyToPath name:s optional:b
SecretVolumeSource defaultMode:n items:[]@KeyToPath optional:b secretName:s
SecurityContext allowPrivilegeEscalation:b appArmorProfile:@AppArmorProfile capabilities:@Capabilities privileged:b
 procMount:s readOnlyRootFilesystem:b runAsGroup:n runAsNonRoot:b runAsUser:n seLinuxOptions:@SELinuxOptions
 seccompProfile:@SeccompProfile windowsOptions:@WindowsSecurityContextOptions
ServiceAccountTokenProjection audience:s expirationSeconds:n path:s
SleepAction seconds:n
StatefulSet apiVersion:s kind:s metadata:@ObjectMeta spec:@StatefulSetSpec status:@StatefulSetStatus
StatefulSetCondition lastTransitionTime:u message:s reason:s status:s type:s!
StatefulSetOrdinals start:n
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:s whenScaled:s
StatefulSetSpec minReadySeconds:n ordinals:@StatefulSetOrdinals
 persistentVolumeClaimRetentionPolicy:@StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:s
 replicas:n revisionHistoryLimit:n selector:@LabelSelector serviceName:s template:@PodTemplateSpec
 updateStrategy:@StatefulSetUpdateStrategy volumeClaimTemplates:[]@PersistentVolumeClaim
StatefulSetStatus availableReplicas:n collisionCount:n conditions:[type]@StatefulSetCondition currentReplicas:n
 currentRevision:s observedGeneration:n readyReplicas:n replicas:n updateRevision:s updatedReplicas:n
StatefulSetUpdateStrategy rollingUpdate:@RollingUpdateStatefulSetStrategy type:s
StorageOSVolumeSource fsType:s readOnly:b secretRef:@LocalObjectReference volumeName:s volumeNamespace:s
SuccessPolicy rules:[]@SuccessPolicyRule
SuccessPolicyRule succeededCount:n succeededIndexes:s
Sysctl name:s value:s
TCPSocketAction host:s port:x
Toleration effect:s key:s operator:s tolerationSeconds:n value:s
TopologySpreadConstraint labelSelector:@LabelSelector matchLabelKeys:[]s maxSkew:n minDomains:n nodeAffinityPolicy:s
 nodeTaintsPolicy:s topologyKey:s! whenUnsatisfiable:s!
TypedLocalObjectReference= apiGroup:s kind:s name:s
TypedObjectReference apiGroup:s kind:s name:s namespace:s
UncountedTerminatedPods failed:[+]s succeeded:[+]s
Volume awsElasticBlockStore:@AWSElasticBlockStoreVolumeSource azureDisk:@AzureDiskVolumeSource
 azureFile:@AzureFileVolumeSource cephfs:@CephFSVolumeSource cinder:@CinderVolumeSource
 configMap:@ConfigMapVolumeSource csi:@CSIVolumeSource downwardAPI:@DownwardAPIVolumeSource
 emptyDir:@EmptyDirVolumeSource ephemeral:@EphemeralVolumeSource fc:@FCVolumeSource flexVolume:@FlexVolumeSource
 flocker:@FlockerVolumeSource gcePersistentDisk:@GCEPersistentDiskVolumeSource gitRepo:@GitRepoVolumeSource
 glusterfs:@GlusterfsVolumeSource hostPath:@HostPathVolumeSource image:@ImageVolumeSource iscsi:@ISCSIVolumeSource
 name:s! nfs:@NFSVolumeSource persistentVolumeClaim:@PersistentVolumeClaimVolumeSource
 photonPersistentDisk:@PhotonPersistentDiskVolumeSource portworxVolume:@PortworxVolumeSource
 projected:@ProjectedVolumeSource quobyte:@QuobyteVolumeSource rbd:@RBDVolumeSource scaleIO:@ScaleIOVolumeSource
 secret:@SecretVolumeSource storageos:@StorageOSVolumeSource vsphereVolume:@VsphereVirtualDiskVolumeSource
VolumeDevice devicePath:s! name:s
VolumeMount mountPath:s! mountPropagation:s name:s readOnly:b recursiveReadOnly:s subPath:s subPathExpr:s
VolumeMountStatus mountPath:s! name:s readOnly:b recursiveReadOnly:s
VolumeProjection clusterTrustBundle:@ClusterTrustBundleProjection configMap:@ConfigMapProjection
 downwardAPI:@DownwardAPIProjection secret:@SecretProjection serviceAccountToken:@ServiceAccountTokenProjection
VolumeResourceRequirements limits:{}u requests:{}u
VsphereVirtualDiskVolumeSource fsType:s storagePolicyID:s storagePolicyName:s volumePath:s
WeightedPodAffinityTerm podAffinityTerm:@PodAffinityTerm weight:n
WindowsSecurityContextOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
"""
