# The ledger as a file on EFS.

resource "aws_vpc_security_group_egress_rule" "ledger" {
  count = local.efs

  security_group_id            = aws_security_group.task[0].id
  description                  = "The file system of the ledger"
  referenced_security_group_id = aws_security_group.ledger[0].id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

resource "aws_security_group" "ledger" {
  count = local.efs

  name        = "${var.name}-ledger"
  description = "The file system of the detector"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "ledger" {
  count = local.efs

  security_group_id            = aws_security_group.ledger[0].id
  description                  = "The detector alone"
  referenced_security_group_id = aws_security_group.task[0].id
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
}

resource "aws_efs_file_system" "ledger" {
  count = local.efs

  encrypted  = true
  kms_key_id = local.key_arn
  tags       = merge(var.tags, { Name = "${var.name}-ledger" })
}

resource "aws_efs_backup_policy" "ledger" {
  count = local.efs

  file_system_id = aws_efs_file_system.ledger[0].id
  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_mount_target" "ledger" {
  for_each = local.efs == 0 ? toset([]) : toset(var.subnet_ids)

  file_system_id  = aws_efs_file_system.ledger[0].id
  subnet_id       = each.value
  security_groups = [aws_security_group.ledger[0].id]
}

# The image's user is 1654 (APP_UID of .NET's images).
resource "aws_efs_access_point" "ledger" {
  count = local.efs

  file_system_id = aws_efs_file_system.ledger[0].id
  tags           = var.tags

  posix_user {
    uid = 1654
    gid = 1654
  }

  root_directory {
    path = "/detector"
    creation_info {
      owner_uid   = 1654
      owner_gid   = 1654
      permissions = "0700"
    }
  }
}

resource "aws_efs_file_system_policy" "ledger" {
  count = local.efs

  file_system_id = aws_efs_file_system.ledger[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Detector"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.task.arn }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Condition = { Bool = { "elasticfilesystem:AccessedViaMountTarget" = "true" } }
      },
      {
        Sid       = "NothingInTheClear"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
