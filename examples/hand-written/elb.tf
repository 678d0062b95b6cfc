# track.brightquay.example. Written for Terraform 0.11; state is in s3://brightquay-tf/harbour.

variable "vpc_id" {
  default = "vpc-0b7e2c91"
}

resource "aws_elb" "tracking" {
  name                      = "harbour-tracking"
  subnets                   = ["subnet-3f1d0a11", "subnet-3f1d0a12"]
  security_groups           = ["${aws_security_group.tracking_lb.id}"]
  cross_zone_load_balancing = true

  # clients keep connections for 40 s at most (HARB-92)
  idle_timeout = 40

  listener {
    lb_port           = 80
    lb_protocol       = "tcp"
    instance_port     = 30180
    instance_protocol = "tcp"
  }

  listener {
    lb_port            = 443
    lb_protocol        = "ssl"
    instance_port      = 30143
    instance_protocol  = "tcp"
    ssl_certificate_id = "arn:aws:iam::111122223333:server-certificate/track-2026"
  }

  # carriers that cannot reach 443 through their firewall (HARB-205)
  listener {
    lb_port            = 8443
    lb_protocol        = "ssl"
    instance_port      = 30143
    instance_protocol  = "tcp"
    ssl_certificate_id = "arn:aws:iam::111122223333:server-certificate/track-2026"
  }

  health_check {
    target              = "http:30180/ping"
    interval            = 6
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  tags {
    Team = "harbour"
  }
}

resource "aws_proxy_protocol_policy" "tracking" {
  load_balancer  = "${aws_elb.tracking.name}"
  instance_ports = ["30143"]
}

resource "aws_security_group" "tracking_lb" {
  name   = "harbour-tracking-lb"
  vpc_id = "${var.vpc_id}"

  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags {
    Team = "harbour"
  }
}
