# Allowed connections.

# Security group of the load balancer, with exactly these rules.
resource "aws_security_group" "load_balancer" {
  name_prefix = "${var.name}-load-balancer-"
  description = "Clients to the load balancer, and the load balancer to the nodes"
  vpc_id      = var.vpc_id
  tags        = local.tags

  # The clients that `public.allow` lists.
  ingress {
    description = "Clients to http"
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["192.0.2.0/24", "198.51.100.7/32"]
  }

  ingress {
    description = "Clients to https"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["192.0.2.0/24", "198.51.100.7/32"]
  }

  ingress {
    description = "Clients to stats"
    protocol    = "tcp"
    from_port   = 8404
    to_port     = 8404
    cidr_blocks = ["192.0.2.0/24", "198.51.100.7/32"]
  }

  # Requests and health checks, only to node ports.
  egress {
    description     = "To the nodes: http"
    protocol        = "tcp"
    from_port       = 31000
    to_port         = 31000
    security_groups = [var.node_security_group_id]
  }

  egress {
    description     = "To the nodes: https"
    protocol        = "tcp"
    from_port       = 31001
    to_port         = 31001
    security_groups = [var.node_security_group_id]
  }

  egress {
    description     = "To the nodes: stats"
    protocol        = "tcp"
    from_port       = 31002
    to_port         = 31002
    security_groups = [var.node_security_group_id]
  }

  lifecycle {
    # A group that is in use cannot be deleted.
    create_before_destroy = true
  }
}

# Opens the node ports to the load balancer.
resource "aws_vpc_security_group_ingress_rule" "nodes_http" {
  security_group_id            = var.node_security_group_id
  referenced_security_group_id = aws_security_group.load_balancer.id
  description                  = "${var.name}: http"
  ip_protocol                  = "tcp"
  from_port                    = 31000
  to_port                      = 31000
  tags                         = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "nodes_https" {
  security_group_id            = var.node_security_group_id
  referenced_security_group_id = aws_security_group.load_balancer.id
  description                  = "${var.name}: https"
  ip_protocol                  = "tcp"
  from_port                    = 31001
  to_port                      = 31001
  tags                         = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "nodes_stats" {
  security_group_id            = var.node_security_group_id
  referenced_security_group_id = aws_security_group.load_balancer.id
  description                  = "${var.name}: stats"
  ip_protocol                  = "tcp"
  from_port                    = 31002
  to_port                      = 31002
  tags                         = local.tags
}
