// A transfer by @polkadot/api, over the legacy JSON-RPC.
//
// usage: node polkadot-js.mjs WS_URL [--metadata-hash]
//
// With --metadata-hash the signature also covers the metadata's hash, as a hardware wallet's does; a
// runtime that was built without the hash rejects it. Prints one JSON object on success.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata';
import { u8aToHex } from '@polkadot/util';

const [url, flag] = process.argv.slice(2);
const AMOUNT = 3_000_000_000_000n;

const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
const properties = await api.rpc.system.properties();
const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 });
const alice = keyring.addFromUri('//Alice');
const bob = keyring.addFromUri('//Bob');
const free = async (who) => (await api.query.system.account(who.address)).data.free.toBigInt();

const symbol = properties.tokenSymbol.unwrap()[0].toString();
const decimals = properties.tokenDecimals.unwrap()[0].toNumber();
const options = flag === '--metadata-hash' ? { mode: 1, metadataHash: await metadataHash() } : {};

async function metadataHash() {
	const metadata = await api.call.metadata.metadataAtVersion(15);
	const { specName, specVersion } = api.runtimeVersion;
	const merkleized = merkleizeMetadata(metadata.unwrap().toHex(), {
		base58Prefix: api.registry.chainSS58,
		decimals,
		specName: specName.toString(),
		specVersion: specVersion.toNumber(),
		tokenSymbol: symbol,
	});
	return u8aToHex(merkleized.digest());
}

const before = await free(bob);
const { block, fee } = await new Promise((resolve, reject) => {
	api.tx.balances
		.transferKeepAlive(bob.address, AMOUNT)
		.signAndSend(alice, options, ({ status, dispatchError, events, txHash }) => {
			if (dispatchError) reject(new Error(`dispatch failed: ${dispatchError}`));
			if (!status.isFinalized) return;
			const paid = events.find(({ event }) => api.events.transactionPayment.TransactionFeePaid.is(event));
			resolve({ block: status.asFinalized.toHex(), fee: paid.event.data.actualFee.toString() });
		})
		.catch(reject);
}).catch((error) => {
	console.error(error.message);
	process.exit(1);
});
const received = (await free(bob)) - before;
if (received !== AMOUNT) {
	console.error(`Bob received ${received}, not ${AMOUNT}`);
	process.exit(1);
}
console.log(
	JSON.stringify({
		client: 'polkadot-js',
		symbol,
		decimals,
		ss58: api.registry.chainSS58,
		address: alice.address,
		block,
		fee,
	}),
);
process.exit(0);
