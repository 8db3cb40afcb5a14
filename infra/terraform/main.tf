# EventBridge rules -> queue (with a dead-letter queue) -> detector -> topic. Deploy it where global events appear: us-east-1, us-gov-west-1, or cn-north-1.
# Other regions and accounts forward to its bus by modules/forwarder.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name
  suffix    = data.aws_partition.this.dns_suffix

  patterns = var.patterns == null ? [for pattern in jsondecode(file("${path.module}/patterns.json")) : jsonencode(pattern)] : var.patterns
  rules    = { for index, pattern in local.patterns : "${var.name}-${index + 1}" => pattern }
  state    = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

  # Written out, so that policies can name parts that name them in turn.
  queue_name = "${var.name}-events"
  queue_arn  = "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.queue_name}"
  queue_url  = "https://sqs.${local.region}.${local.suffix}/${local.account}/${local.queue_name}"
  dead_arn   = "${local.queue_arn}-dead"
  topic_name = "${var.name}-alerts"
  topic_arn  = "arn:${local.partition}:sns:${local.region}:${local.account}:${local.topic_name}"
  rule_arns = concat(
    [for name in keys(local.rules) : "arn:${local.partition}:events:${local.region}:${local.account}:rule/${name}"],
    ["arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.name}/${var.name}-forwarded"],
  )
  forwards = length(var.forwarding_accounts) > 0 || var.organization_id != null
}

# --- rules ---

resource "aws_cloudwatch_event_rule" "local" {
  for_each = local.rules

  name          = each.key
  description   = "CloudTrail events that the detector's rules need"
  event_pattern = each.value
  state         = local.state
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "local" {
  for_each = local.rules

  rule      = aws_cloudwatch_event_rule.local[each.key].name
  target_id = local.queue_name
  arn       = local.queue_arn

  depends_on = [aws_sqs_queue_policy.events]
}

# --- the bus that other regions and accounts forward to ---

resource "aws_cloudwatch_event_bus" "this" {
  name = var.name
  tags = var.tags
}

resource "aws_cloudwatch_event_bus_policy" "this" {
  count = local.forwards ? 1 : 0

  event_bus_name = aws_cloudwatch_event_bus.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      length(var.forwarding_accounts) == 0 ? [] : [{
        Sid       = "Accounts"
        Effect    = "Allow"
        Principal = { AWS = [for account in var.forwarding_accounts : "arn:${local.partition}:iam::${account}:root"] }
        Action    = "events:PutEvents"
        Resource  = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/${var.name}"
      }],
      var.organization_id == null ? [] : [{
        Sid       = "Organization"
        Effect    = "Allow"
        Principal = "*"
        Action    = "events:PutEvents"
        Resource  = "arn:${local.partition}:events:${local.region}:${local.account}:event-bus/${var.name}"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = var.organization_id } }
      }],
    )
  })
}

# What arrives was chosen by the forwarding rules already.
resource "aws_cloudwatch_event_rule" "forwarded" {
  name           = "${var.name}-forwarded"
  description    = "CloudTrail events that other regions and accounts forward to the detector"
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = jsonencode({ "detail-type" = [{ suffix = "via CloudTrail" }] })
  state          = local.state
  tags           = var.tags
}

resource "aws_cloudwatch_event_target" "forwarded" {
  rule           = aws_cloudwatch_event_rule.forwarded.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  target_id      = local.queue_name
  arn            = local.queue_arn

  depends_on = [aws_sqs_queue_policy.events]
}

# --- queue ---

resource "aws_sqs_queue" "dead" {
  name                      = "${local.queue_name}-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = local.kms ? null : true
  kms_master_key_id         = local.kms ? aws_kms_key.this[0].arn : null
  tags                      = var.tags
}

resource "aws_sqs_queue" "events" {
  name                       = local.queue_name
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 120
  sqs_managed_sse_enabled    = local.kms ? null : true
  kms_master_key_id          = local.kms ? aws_kms_key.this[0].arn : null
  redrive_policy             = jsonencode({ deadLetterTargetArn = local.dead_arn, maxReceiveCount = 5 })
  tags                       = var.tags

  depends_on = [aws_sqs_queue.dead]
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url            = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [local.queue_arn] })
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTheDetectorsRules"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arn
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arns } }
      },
      {
        Sid       = "NothingInTheClear"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = local.queue_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# --- topic ---

resource "aws_sns_topic" "alerts" {
  name              = local.topic_name
  kms_master_key_id = local.kms ? aws_kms_key.this[0].arn : null
  tags              = var.tags
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Detector"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.task.arn }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
      },
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { ArnLike = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:${var.name}-*" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.alert_emails)

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = each.value
}
