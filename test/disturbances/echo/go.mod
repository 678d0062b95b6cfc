module portico.dev/echo

go 1.24
