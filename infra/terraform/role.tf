# What the detector may do, and no more. The role is there without the service too, for a detector that runs elsewhere.

locals {
  role_name = "${var.name}-task"

  own = concat(
    [
      {
        Sid      = "Events"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
        Resource = [local.queue_arn]
      },
      {
        Sid      = "Alerts"
        Effect   = "Allow"
        Action   = ["sns:Publish"]
        Resource = [local.topic_arn]
      },
    ],
    local.kms ? [{
      Sid      = "Key"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [aws_kms_key.this[0].arn]
    }] : [],
    var.doctor ? [
      {
        Sid      = "DoctorParts"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"]
        Resource = [local.queue_arn, local.dead_arn, local.topic_arn]
      },
      # These know no resources, or are asked of several.
      {
        Sid      = "DoctorAccount"
        Effect   = "Allow"
        Action   = ["cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", "events:ListRules", "events:DescribeRule", "events:ListTargetsByRule", "events:TestEventPattern"]
        Resource = ["*"]
      },
    ] : [],
  )
}

resource "aws_iam_role" "task" {
  name = local.role_name
  tags = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "task" {
  name   = "detector"
  role   = aws_iam_role.task.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.own })
}
