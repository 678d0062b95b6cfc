# Allowed connections.

# Security group of the load balancer, with exactly these rules.
resource "aws_security_group" "load_balancer" {
  name_prefix = "${var.name}-load-balancer-"
  description = "Clients to the load balancer, and the load balancer to the nodes"
  vpc_id      = var.vpc_id
  tags        = local.tags

  # All clients may connect.
  ingress {
    description = "Clients to http"
    protocol    = "tcp"
    from_port   = 80
    to_port     = 80
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    description = "Clients to https"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }

  # Requests and health checks, only to node ports.
  egress {
    description     = "To the nodes: http"
    protocol        = "tcp"
    from_port       = 30080
    to_port         = 30080
    security_groups = [var.node_security_group_id]
  }

  egress {
    description     = "To the nodes: https"
    protocol        = "tcp"
    from_port       = 30443
    to_port         = 30443
    security_groups = [var.node_security_group_id]
  }

  egress {
    description     = "To the nodes: check"
    protocol        = "tcp"
    from_port       = 30406
    to_port         = 30406
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
  from_port                    = 30080
  to_port                      = 30080
  tags                         = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "nodes_https" {
  security_group_id            = var.node_security_group_id
  referenced_security_group_id = aws_security_group.load_balancer.id
  description                  = "${var.name}: https"
  ip_protocol                  = "tcp"
  from_port                    = 30443
  to_port                      = 30443
  tags                         = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "nodes_check" {
  security_group_id            = var.node_security_group_id
  referenced_security_group_id = aws_security_group.load_balancer.id
  description                  = "${var.name}: check"
  ip_protocol                  = "tcp"
  from_port                    = 30406
  to_port                      = 30406
  tags                         = local.tags
}
