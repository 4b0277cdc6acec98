"""The README of a bundle: for whoever gets it without knowing this software."""

_TEXT = """\
PROOF BUNDLE of the stream {stream}

entries/NUMBER.avro        an entry, byte for byte as it was sent
proofs/NUMBER.tlog-proof   the proof that it is entry NUMBER of the stream
checkpoint                 the seal: at a signed time the stream had so many entries, and this is their root
schemas/FINGERPRINT.avsc   the Avro schemas of the entries; each stands as an entry among them too, proven
keys/*.vkey                the sender's public keys, as a hint only
manifest                   the SHA-256 of each file

Get the sender's public key from the sender, by another way than this bundle, and compare its fingerprint.
Never trust the one in keys/.

With our software, no network needed; exit code 0 only if all of it holds:

    cmo-gateway verify-bundle FOLDER --trust sender.vkey

Without it:

1. Files: `sha256sum -c manifest`.
2. Seal: `checkpoint` is a C2SP signed note (tlog-checkpoint). The sender's line of type 0x01 is Ed25519
   over the text up to and with the newline before the empty line; the line of type 0x04
   (tlog-cosignature) bears the time, in POSIX seconds. The Go package golang.org/x/mod/sumdb/note
   checks it.
3. Entries: each file in proofs/ is a C2SP tlog-proof. Its checkpoint is the file `checkpoint`, its index
   is NUMBER - 1. The leaf hash is SHA-256 over a zero byte and the entry:
   `{{ printf '\\0'; cat entries/NUMBER.avro; }} | sha256sum`. The hashes lead from it to the root by
   RFC 9162 2.1.3.2; the Go package github.com/transparency-dev/merkle checks that.
4. Contents: an entry is Avro single-object encoding: C3 01, the schema's fingerprint in 8 bytes, the
   Avro binary body. The schema of that fingerprint is in schemas/, its text in an entry of kind Schema.

What it proves: the sender's key sealed these bytes under these numbers, at the time of the seal or
before. What it does not prove: that a sensor told the truth, or that entries not in here do not matter.
The manifest bears no signature: it shows damage, but this README and keys/ rest on nothing else.


证明包：数据流 {stream}

entries/编号.avro          一条记录，与发送时逐字节相同
proofs/编号.tlog-proof     证明它是该数据流的第“编号”条记录
checkpoint                 封签：在签名时刻，数据流共有多少条记录，以及它们的根哈希
schemas/指纹.avsc          记录所用的 Avro 模式；每个模式本身也是其中一条有证明的记录
keys/*.vkey                发送方公钥，仅供参考
manifest                   每个文件的 SHA-256

请通过本包以外的途径向发送方取得公钥，并核对其指纹。切勿信任 keys/ 中的公钥。

使用本软件（无需网络；全部成立时退出码才为 0）：

    cmo-gateway verify-bundle 文件夹 --trust sender.vkey

不使用本软件：

1. 文件：`sha256sum -c manifest`。
2. 封签：`checkpoint` 是 C2SP signed note（tlog-checkpoint）。发送方类型 0x01 的签名行是对空行之前
   全部文本（含末尾换行）的 Ed25519 签名；类型 0x04 的签名行（tlog-cosignature）带有时间（POSIX 秒）。
   可用 Go 包 golang.org/x/mod/sumdb/note 核验。
3. 记录：proofs/ 中每个文件是 C2SP tlog-proof，其中的 checkpoint 与文件 `checkpoint` 相同，index 等于
   编号减 1。叶哈希是一个零字节加记录内容的 SHA-256：
   `{{ printf '\\0'; cat entries/编号.avro; }} | sha256sum`。
   按 RFC 9162 2.1.3.2 由叶哈希算到根哈希；可用 Go 包 github.com/transparency-dev/merkle 核验。
4. 内容：记录为 Avro 单对象编码：C3 01、8 字节模式指纹、Avro 二进制正文。
   模式在 schemas/ 中，其文本也在一条 Schema 记录中。

它证明：发送方的密钥在封签时刻或之前，以这些编号封存了这些字节。
它不证明：传感器所测属实，或未收入本包的记录无关紧要。
manifest 没有签名：它能显示损坏，但本 README 与 keys/ 除它之外别无依据。
"""


def readme(stream: str) -> str:
    """How to check the bundle of a stream, in English and Chinese."""
    return _TEXT.format(stream=stream)
