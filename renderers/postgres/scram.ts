/**
 * The password verifier of SCRAM-SHA-256 as functions in the database: only so can sync.sql tell whether a
 * role already has the password that it is given, and only so does the clear password stay out of ALTER ROLE.
 */

/** RFC 2104, with SHA-256. */
export const hmacFunction = `CREATE FUNCTION mailc.hmac_sha256(key bytea, message bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog AS $body$
DECLARE
  block bytea := CASE WHEN length(key) > 64 THEN sha256(key) ELSE key END;
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
BEGIN
  FOR i IN 0 .. length(block) - 1 LOOP
    inner_pad := set_byte(inner_pad, i, get_byte(block, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(block, i) # 92);
  END LOOP;
  RETURN sha256(outer_pad || sha256(inner_pad || message));
END
$body$`;

/**
 * RFC 5802 section 3 and RFC 7677, in the form of pg_authid.rolpassword. PBKDF2 (RFC 8018 section 5.2) with an
 * output of one block is a chain of HMACs with the same key, so its pads are made once.
 */
export const verifierFunction = `CREATE FUNCTION mailc.scram_verifier(password text, salt bytea, iterations int) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog AS $body$
DECLARE
  key bytea := convert_to(password, 'UTF8');
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
  link bytea := salt || decode('00000001', 'hex');
  sum bit(256) := repeat('0', 256)::bit(256);
  salted bytea := '';
BEGIN
  IF length(key) > 64 THEN
    key := sha256(key);
  END IF;
  FOR i IN 0 .. length(key) - 1 LOOP
    inner_pad := set_byte(inner_pad, i, get_byte(key, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(key, i) # 92);
  END LOOP;
  FOR i IN 1 .. iterations LOOP
    link := sha256(outer_pad || sha256(inner_pad || link));
    sum := sum # ('x' || encode(link, 'hex'))::bit(256);
  END LOOP;
  FOR i IN 0 .. 3 LOOP
    salted := salted || int8send(substring(sum FROM 64 * i + 1 FOR 64)::bit(64)::bigint);
  END LOOP;
  RETURN 'SCRAM-SHA-256$' || iterations || ':' || encode(salt, 'base64') || '$'
    || encode(sha256(mailc.hmac_sha256(salted, 'Client Key')), 'base64') || ':'
    || encode(mailc.hmac_sha256(salted, 'Server Key'), 'base64');
END
$body$`;
