"""Writes operations.txt anew: which eventName belongs to which eventSource. Needs botocore, whose API models it takes the names from."""

import collections
import pathlib
import re
import textwrap

import botocore
import botocore.loaders

# eventSource (without .amazonaws.com): API models whose calls it logs. Source: CloudTrail User Guide, "AWS service topics for CloudTrail".
SOURCES = {
    "access-analyzer": ["accessanalyzer"], "account": ["account"], "acm": ["acm"], "acm-pca": ["acm-pca"], "apigateway": ["apigateway", "apigatewayv2"],
    "apprunner": ["apprunner"], "athena": ["athena"], "autoscaling": ["autoscaling"], "backup": ["backup"], "batch": ["batch"],
    "bedrock": ["bedrock", "bedrock-agent", "bedrock-agent-runtime", "bedrock-runtime", "bedrock-data-automation", "bedrock-data-automation-runtime"],
    "cloudformation": ["cloudformation"], "cloudfront": ["cloudfront"], "cloudtrail": ["cloudtrail"],
    "codeartifact": ["codeartifact"], "codebuild": ["codebuild"], "codecommit": ["codecommit"], "codedeploy": ["codedeploy"], "codepipeline": ["codepipeline"],
    "cognito-identity": ["cognito-identity"], "cognito-idp": ["cognito-idp"], "config": ["config"], "detective": ["detective"], "dms": ["dms"],
    "ds": ["ds"], "dynamodb": ["dynamodb", "dynamodbstreams"], "ebs": ["ebs"], "ec2": ["ec2"], "ec2-instance-connect": ["ec2-instance-connect"],
    "ecr": ["ecr"], "ecr-public": ["ecr-public"], "ecs": ["ecs"], "eks": ["eks"], "eks-auth": ["eks-auth"], "elasticache": ["elasticache"], "elasticbeanstalk": ["elasticbeanstalk"],
    "elasticfilesystem": ["efs"], "elasticloadbalancing": ["elb", "elbv2"], "elasticmapreduce": ["emr"], "es": ["es", "opensearch"],
    "events": ["events"], "firehose": ["firehose"], "fsx": ["fsx"], "glacier": ["glacier"], "glue": ["glue"], "guardduty": ["guardduty"], "iam": ["iam"],
    "identitystore": ["identitystore"], "imagebuilder": ["imagebuilder"], "inspector2": ["inspector2"], "kinesis": ["kinesis"], "kms": ["kms"],
    "lakeformation": ["lakeformation"], "lambda": ["lambda"], "lightsail": ["lightsail"], "logs": ["logs"], "macie2": ["macie2"], "memorydb": ["memorydb"], "monitoring": ["cloudwatch"],
    "network-firewall": ["network-firewall"], "organizations": ["organizations"], "ram": ["ram"],
    "rds": ["rds", "neptune", "docdb"], "rds-data": ["rds-data"], "redshift": ["redshift"], "redshift-data": ["redshift-data"], "resource-groups": ["resource-groups"],
    "rolesanywhere": ["rolesanywhere"], "route53": ["route53"], "route53domains": ["route53domains"], "route53resolver": ["route53resolver"],
    "s3": ["s3", "s3control"], "sagemaker": ["sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime", "sagemaker-metrics"],
    "scheduler": ["scheduler"], "secretsmanager": ["secretsmanager"], "securityhub": ["securityhub"], "securitylake": ["securitylake"],
    "servicecatalog": ["servicecatalog", "servicecatalog-appregistry"], "servicequotas": ["service-quotas"],
    "ses": ["ses", "sesv2", "mailmanager", "pinpoint-email"], "shield": ["shield"], "signin": [], "sns": ["sns"],
    "sqs": ["sqs"], "ssm": ["ssm"], "sso": ["sso-admin", "sso", "sso-oidc"], "sso-directory": [], "states": ["stepfunctions"], "sts": ["sts"],
    "support": ["support"], "tagging": ["resourcegroupstaggingapi"], "transfer": ["transfer"], "waf": ["waf"], "waf-regional": ["waf-regional"], "wafv2": ["wafv2"],
    "workspaces": ["workspaces"],
}

# The console, or the service itself, logs calls to these that no API model knows: a name that is not listed may exist all the same.
OPEN = """account apigateway athena autoscaling bedrock cloudformation cloudfront cognito-identity cognito-idp config detective ds ecr ecr-public elasticbeanstalk
    elasticmapreduce es eks-auth events glue guardduty imagebuilder inspector2 kinesis lightsail logs macie2 monitoring organizations sagemaker securityhub securitylake
    servicequotas ses shield signin sso sso-directory ssm support tagging transfer waf waf-regional wafv2 workspaces servicecatalog resource-groups ram scheduler
    lakeformation codecommit codepipeline codeartifact redshift redshift-data rds-data dms es states backup batch rds""".split()

# Names that CloudTrail writes and the models lack. Sources: the same guide's pages on each service; Service Authorization Reference; S3 User Guide, "CloudTrail events"; Sign-in events.
MORE = {
    "s3": """PutBucketLifecycle GetBucketLifecycle DeleteBucketLifecycle PutBucketNotification GetBucketNotification PutBucketReplication GetBucketReplication
        DeleteBucketReplication GetAccelerateConfiguration PutAccelerateConfiguration GetBucketObjectLockConfiguration PutBucketObjectLockConfiguration
        GetStorageLensDashboardDataInternal PutBucketCors GetBucketCors DeleteBucketCors GetBucketLocation HeadBucket HeadObject GetBucketVersioning PutBucketPublicAccessBlock
        GetBucketPublicAccessBlock DeleteBucketPublicAccessBlock GetAccountPublicAccessBlock PutAccountPublicAccessBlock DeleteAccountPublicAccessBlock
        PostObject CopyPart UploadPart UploadPartCopy
        InitiateMultipartUpload CompleteMultipartUpload ListParts ListMultipartUploads SelectObjectContent GetObjectTorrent GetBucketOwnershipControls PutBucketOwnershipControls DeleteBucketOwnershipControls""",
    "ec2": "SharedSnapshotCopyInitiated SharedSnapshotVolumeCreated BidEvictedEvent",
    "iam": "GetAccountEmailAddress GetAccountName UpdateAccountEmailAddress UpdateAccountName",
    "ssm": "ListInstanceAssociations RegisterManagedInstance RequestManagedInstanceRoleToken UpdateInstanceAssociationStatus UpdateInstanceInformation",
    "kms": "RotateKey DeleteKey SynchronizeMultiRegionKey",
    "lambda": "Invoke",
    "sts": "AssumeRoot",
    "signin": """ConsoleLogin CheckMfa SwitchRole ExitRole RenewRole GetSigninToken GetSignInToken PasswordRecoveryRequested PasswordRecoveryCompleted PasswordUpdated
        EmailUpdated UserAuthentication CredentialChallenge CredentialVerification Logout CreateOAuth2Token AuthorizeOAuth2Access""",
    "sso": """AssociateDirectory DisassociateDirectory Federate Authenticate Logout CreateToken StartSSO CreateProfile UpdateProfile AssociateProfile
        DisassociateProfile CreateApplicationInstance EnableExternalIdPConfigurationForDirectory DisableExternalIdPConfigurationForDirectory""",
    "sso-directory": """CreateUser DeleteUser UpdateUser DisableUser EnableUser CreateGroup DeleteGroup UpdateGroup AddMemberToGroup RemoveMemberFromGroup
        UpdatePassword CompleteVirtualMfaDeviceRegistration CompleteWebAuthnDeviceRegistration DeleteMfaDeviceForUser UpdateMfaDeviceForUser StartVirtualMfaDeviceRegistration
        EnableExternalIdPConfigurationForDirectory DisableExternalIdPConfigurationForDirectory CreateExternalIdPConfigurationForDirectory
        DeleteExternalIdPConfigurationForDirectory UpdateExternalIdPConfigurationForDirectory CreateBearerToken DeleteBearerToken""",
    "cloudtrail": "ListServiceLinkedChannels",
    "ecs": "SubmitTaskStateChange SubmitContainerStateChange SubmitAttachmentStateChanges Poll",
    "secretsmanager": """RotationStarted RotationSucceeded RotationFailed RotationAbandoned StartSecretVersionDelete CancelSecretVersionDelete EndSecretVersionDelete
        SecretVersionDeletion""",
    "elasticfilesystem": "NewClientConnection UpdateClientConnection",
    "organizations": "CreateAccountResult InviteAccountResult",
}

# Data events: a trail records them only if its selectors ask. Source: CloudTrail User Guide, "Logging data events".
DATA = {
    "s3": """AbortMultipartUpload CompleteMultipartUpload CopyObject CopyPart CreateMultipartUpload DeleteObject DeleteObjectTagging DeleteObjects GetObject GetObjectAcl
        GetObjectAttributes GetObjectLegalHold GetObjectLockConfiguration GetObjectRetention GetObjectTagging GetObjectTorrent HeadBucket HeadObject InitiateMultipartUpload
        ListMultipartUploads ListObjectVersions ListObjects ListObjectsV2 ListParts PostObject PutObject PutObjectAcl PutObjectLegalHold PutObjectRetention
        PutObjectTagging RestoreObject SelectObjectContent UploadPart UploadPartCopy WriteGetObjectResponse CreateSession RenameObject""",
    "lambda": "Invoke InvokeAsync InvokeWithResponseStream",
    "dynamodb": """BatchExecuteStatement BatchGetItem BatchWriteItem DeleteItem ExecuteStatement ExecuteTransaction GetItem GetRecords GetShardIterator PutItem Query Scan
        TransactGetItems TransactWriteItems UpdateItem""",
    "sns": "Publish PublishBatch",
    "sqs": "ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch ReceiveMessage SendMessage SendMessageBatch",
    "ebs": "CompleteSnapshot GetSnapshotBlock ListChangedBlocks ListSnapshotBlocks PutSnapshotBlock StartSnapshot",
    "logs": "PutLogEvents FilterLogEvents GetLogEvents StartLiveTail",
    "kinesis": "GetRecords GetShardIterator PutRecord PutRecords SubscribeToShard",
    "monitoring": "GetMetricData GetMetricWidgetImage PutMetricData",
    "bedrock": "InvokeAgent Retrieve RetrieveAndGenerate InvokeFlow",
}

VERB = re.compile(r"[A-Z][a-z0-9]*(?=[A-Z]|$)")
HEAD = """\
# Which eventName belongs to which eventSource. Made by operations.py from the names of operations in botocore {version} (Apache-2.0) and from what the CloudTrail
# User Guide says of events that no API model knows. [source] begins a source, [source open] one that may log more than is listed; a line is a verb and what may
# follow it (- for nothing); "data" before the verb: only a trail that asks for data events records them.
"""


def lines(names, prefix=""):
    by_verb = collections.defaultdict(list)
    for name in sorted(names):
        match = VERB.match(name)
        verb = match.group() if match else name
        by_verb[verb].append(name[len(verb):] or "-")
    for verb, nouns in by_verb.items():
        yield from textwrap.wrap(" ".join(nouns), 158 - len(prefix + verb), initial_indent=f"{prefix}{verb} ", subsequent_indent=f"{prefix}{verb} ", break_on_hyphens=False)


loader = botocore.loaders.Loader()
out = [HEAD.format(version=botocore.__version__)]
for source, models in sorted(SOURCES.items()):
    # Names of the API that carry a version in CloudTrail are told apart from it when they are looked up.
    names = {name for model in models for name in loader.load_service_model(model, "service-2")["operations"]}
    names |= set(MORE.get(source, "").split())
    data = set(DATA.get(source, "").split())
    out += ["", f"[{source}{' open' if source in OPEN else ''}]", *lines(names - data), *lines(data, "data ")]
pathlib.Path(__file__).with_name("operations.txt").write_text("\n".join(out) + "\n")
