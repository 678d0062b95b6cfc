# Values that depend on the AWS account.

variable "name" {
  description = "The load balancer's name, unique among its kind in the account and region."
  type        = string

  # The edge's name with -edge.
  default = "shop-edge"

  validation {
    condition     = can(regex("^[A-Za-z0-9]([-A-Za-z0-9]{0,24}[A-Za-z0-9])?$", var.name))
    error_message = "Letters, digits and hyphens, 26 at most, none of them a hyphen at an end."
  }
}

variable "vpc_id" {
  description = "The VPC of the nodes."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets for the load balancer, one in every zone that has nodes."
  type        = list(string)
}

variable "node_security_group_id" {
  description = "The security group of the nodes: it gets a rule a node port."
  type        = string
}

variable "autoscaling_groups" {
  description = "Names of the nodes' Auto Scaling groups, under keys of your own that are known before they exist."
  type        = map(string)
  default     = {}
}

variable "instances" {
  description = "Ids of nodes that are in no Auto Scaling group, under keys of your own that are known before they exist."
  type        = map(string)
  default     = {}
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer."
  type        = bool

  # Prevents accidental deletion; to delete the load balancer, apply false first.
  default = true
}

variable "tags" {
  description = "Tags of all resources of this module, in addition to the edge's own."
  type        = map(string)
  default     = {}
}
