/** The smallest mail.yaml that a test of whole commands can change a line of. */

export const bobsHash =
  '$6$rounds=50000$pN5vH8sJd1Yg6UfA$ibFxzL1ht7k/LTcTwEmy6wbfci/f/2wWO96tYIyf03jNMRRlgRcp4DqAuR9VTm/RIEf/yfEpNqNkSAzGY.jXa.';
export const alicesHash =
  '$6$rounds=50000$Xb9cQ2mLw7Rt4KzE$9HknDHzGKbXbTPIvdhcOijhbgjd7F.9O7LrdkU2XVtkmlukMtSt1zc16CWEqEx0XRz/4vQQkhAEoUDYBhTHYA0';

export const smallMailYaml = `version: 1
hosts:
  mail.example.com:
    addresses: [203.0.113.10]
    tls: { letsencrypt: example.com }
postmaster: bob@example.com
domains:
  example.com:
users:
  alice@example.com:
    password: "${alicesHash}"
  bob@example.com:
    password: "${bobsHash}"
    quota: 1GB
aliases:
  sales@example.com: [alice@example.com, bob@example.com]
`;

/** The same on two hosts: mx takes mail, store keeps it. */
export const twoHostsMailYaml = smallMailYaml.replace(
  /hosts:[\s\S]*?postmaster/,
  `hosts:
  mx.example.com:
    addresses: [203.0.113.11]
    tls: { letsencrypt: example.com }
    services: [amavis, clamav, opendkim, postfix]
  store.example.com:
    addresses: [203.0.113.10]
    tls: { letsencrypt: example.com }
    services: [dovecot, postgres]
postmaster`,
);
