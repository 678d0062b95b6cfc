// A self-signed certificate that replaces the real ones, which do not exist on the machine that checks.

/** PEM: key and self-signed certificate of portico.invalid. No client trusts it. */
export const STAND_IN_CERTIFICATE = `
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXALfxk4OxDmOd13m
0IC/o+TG27kzxudj/u6ARQiFxoehRANCAASU7Rl5CUfcfkvRAwtl5QE5OIbp4Uy2
SmYrzx82creL0avOHlSMe0MNk7Vz1aroFxEYxNCiqeJ6e6zeFUjw1knw
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBizCCATGgAwIBAgIUKCrKn5xQUpxdwg+K90G3L+Lq5gEwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPcG9ydGljby5pbnZhbGlkMCAXDTI2MTEyMzE5MTAwNFoYDzIx
MjYxMDMwMTkxMDA0WjAaMRgwFgYDVQQDDA9wb3J0aWNvLmludmFsaWQwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAASU7Rl5CUfcfkvRAwtl5QE5OIbp4Uy2SmYrzx82
creL0avOHlSMe0MNk7Vz1aroFxEYxNCiqeJ6e6zeFUjw1knwo1MwUTAdBgNVHQ4E
FgQUh0EtW4nS1GEUWNYkusJIrE2EvIUwHwYDVR0jBBgwFoAUh0EtW4nS1GEUWNYk
usJIrE2EvIUwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA5lCU
gXL3WXYwrqkPIib0NYgUbHHEPkxoqK0XyYlFF5ACIFXrVCE14JPSD5qepdghgh25
OSmXSUTB2I6xJ4NcYARA
-----END CERTIFICATE-----
`.trimStart();
