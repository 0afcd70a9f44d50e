/** Renders the DNS records that each domain has to publish, as a file to include in its zone. */
import type { Artifact, Content } from '../../src/model/artifact.ts';
import type { Position } from '../../src/model/position.ts';
import type { ServiceRenderer } from '../../src/render/renderer.ts';
import { renderTemplate } from '../../src/render/template.ts';
import { mtaStsPolicy } from './mta-sts.ts';
import { allDnsRecords, type DomainDns } from './records.ts';
import { zoneView } from './view.ts';

export const dns: ServiceRenderer = {
  name: 'dns',
  render: (system) => ({
    artifacts: [
      ...allDnsRecords(system, new Map()).map((dns) =>
        file(dns.source, `${dns.domain}.zone`, printZone(dns)),
      ),
      ...system.domains.flatMap((domain) => {
        const policy = mtaStsPolicy(system, domain);
        return policy === null ? [] : [file(domain.source, `${domain.name}.mta-sts.txt`, [policy])];
      }),
    ],
    containers: [],
    diagnostics: [],
  }),
};

/** The records of one domain as the text of a zone, without SOA and NS. */
export function printZone(domainDns: DomainDns): Content {
  return renderTemplate('dns/domain.zone', zoneView(domainDns));
}

function file(source: Position, name: string, content: Content): Artifact {
  return { path: `dns/${name}`, host: null, unit: null, mode: 0o644, content, effect: 'nothing', source };
}
