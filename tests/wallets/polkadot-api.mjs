// A transfer by polkadot-api, over the new JSON-RPC (chainHead_v1).
//
// usage: node polkadot-api.mjs WS_URL
//
// Prints one JSON object on success.

import { createClient } from 'polkadot-api';
import { getWsProvider } from 'polkadot-api/ws';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { WebSocket } from 'ws';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';

const [url] = process.argv.slice(2);
const AMOUNT = 3_000_000_000_000n;

await cryptoWaitReady();
const client = createClient(getWsProvider(url, { websocketClass: WebSocket }));
const api = client.getUnsafeApi();
const { properties } = await client.getChainSpecData();
const keyring = new Keyring({ type: 'sr25519', ss58Format: properties.ss58Format });
const alice = keyring.addFromUri('//Alice');
const charlie = keyring.addFromUri('//Charlie');
const signer = getPolkadotSigner(alice.publicKey, 'Sr25519', (bytes) => alice.sign(bytes));
const free = async (who) => (await api.query.System.Account.getValue(who.address)).data.free;

const before = await free(charlie);
const transfer = api.tx.Balances.transfer_keep_alive({
	dest: { type: 'Id', value: charlie.address },
	value: AMOUNT,
});
const result = await transfer.signAndSubmit(signer);
if (!result.ok) {
	console.error(`dispatch failed: ${JSON.stringify(result.dispatchError)}`);
	process.exit(1);
}
const received = (await free(charlie)) - before;
if (received !== AMOUNT) {
	console.error(`Charlie received ${received}, not ${AMOUNT}`);
	process.exit(1);
}
const paid = result.events.find((e) => e.type === 'TransactionPayment' && e.value.type === 'TransactionFeePaid');
console.log(
	JSON.stringify({
		client: 'polkadot-api',
		symbol: properties.tokenSymbol,
		decimals: properties.tokenDecimals,
		ss58: properties.ss58Format,
		address: alice.address,
		block: result.block.hash,
		fee: paid.value.value.actual_fee.toString(),
	}),
);
client.destroy();
process.exit(0);
