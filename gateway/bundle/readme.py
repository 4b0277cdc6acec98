"""The README of a bundle: for whoever gets it without knowing this software."""

from collections.abc import Sequence

_TEXT = """\
{copy}PROOF BUNDLE of the stream {stream}

entries/NUMBER.avro        an entry, byte for byte as it was sent
proofs/NUMBER.tlog-proof   the proof that it is entry NUMBER of the stream
checkpoint                 the seal: at a signed time the stream had so many entries, and this is their root;
                           countersigned by the recipient's node when it had all of them
schemas/FINGERPRINT.avsc   the Avro schemas of the entries; each stands as an entry among them too, proven
keys/*.vkey                the public keys of the sender and of the node that wrote this, as a hint only
purpose                    where it is a copy for an authority: for whom, why, who asked and who approved
manifest                   the SHA-256 of each file, signed by that node

Get the public keys from their owners, by another way than this bundle, and compare their fingerprints.
Never trust those in keys/. The sender's key proves the entries. The node's key, which may be left out,
proves that the recipient had received them, and who wrote manifest, README and keys/.

With our software, no network needed; exit code 0 only if all of it holds:

    cmo-gateway verify FOLDER --trust sender.vkey --trust node.vkey

Without it:

1. Files: `sha256sum -c manifest`; it warns of the last two lines, which are the signatures.
   Without the warning: `sed '/^$/,$d' manifest | sha256sum --strict -c`.
   The manifest is a C2SP signed note. Its text goes up to and with the newline before the empty line;
   the node's line of type 0x01 is Ed25519 over it, the line of type 0x04 (tlog-cosignature) bears the time.
2. Seal: `checkpoint` is a C2SP signed note (tlog-checkpoint). The sender's line of type 0x01 is Ed25519
   over the text up to and with the newline before the empty line; the line of type 0x04
   (tlog-cosignature) bears the time, in POSIX seconds. A line of the node (type 0x04) is the receipt: at
   its time the recipient had every entry that the seal counts. The Go package
   golang.org/x/mod/sumdb/note checks seal and manifest, github.com/transparency-dev/formats the times.
3. Entries: each file in proofs/ is a C2SP tlog-proof. Its checkpoint is the file `checkpoint`, its index
   is NUMBER - 1. The leaf hash is SHA-256 over a zero byte and the entry:
   `{{ printf '\\0'; cat entries/NUMBER.avro; }} | sha256sum`. The hashes lead from it to the root by
   RFC 9162 2.1.3.2; the Go package github.com/transparency-dev/merkle checks that.
4. Contents: an entry is Avro single-object encoding: C3 01, the schema's fingerprint in 8 bytes, the
   Avro binary body. The schema of that fingerprint is in schemas/, its text in an entry of kind Schema.

What it proves: the sender's key sealed these bytes under these numbers, at the time of the seal or
before. What it does not prove: that a sensor told the truth, or that entries not in here do not matter.
This README and keys/ rest on the manifest alone: on the node's key, when you trust it, else on nothing.


证明包：数据流 {stream}

entries/编号.avro          一条记录，与发送时逐字节相同
proofs/编号.tlog-proof     证明它是该数据流的第“编号”条记录
checkpoint                 封签：在签名时刻，数据流共有多少条记录，以及它们的根哈希；
                           接收方节点收齐后加签确认
schemas/指纹.avsc          记录所用的 Avro 模式；每个模式本身也是其中一条有证明的记录
keys/*.vkey                发送方公钥和写出本包的节点的公钥，仅供参考
purpose                    提供给监管机构的副本：提供给谁、事由、申请人、批准人
manifest                   每个文件的 SHA-256，由该节点签名

请通过本包以外的途径向公钥的所有者取得公钥，并核对其指纹。切勿信任 keys/ 中的公钥。
发送方的密钥证明记录本身；节点的密钥（可不给出）证明接收方已收到，以及 manifest、README 和 keys/ 由谁写出。

使用本软件（无需网络；全部成立时退出码才为 0）：

    cmo-gateway verify 文件夹 --trust sender.vkey --trust node.vkey

不使用本软件：

1. 文件：`sha256sum -c manifest`；它会对最后两行（签名行）给出警告。
   无警告的做法：`sed '/^$/,$d' manifest | sha256sum --strict -c`。
   manifest 是 C2SP signed note，其文本到空行之前的换行为止（含该换行）；节点类型 0x01 的签名行是对该文本的
   Ed25519 签名，类型 0x04 的签名行（tlog-cosignature）带有时间。
2. 封签：`checkpoint` 是 C2SP signed note（tlog-checkpoint）。发送方类型 0x01 的签名行是对空行之前
   全部文本（含末尾换行）的 Ed25519 签名；类型 0x04 的签名行（tlog-cosignature）带有时间（POSIX 秒）。
   节点的签名行（类型 0x04）即回执：在其时刻，接收方已有封签所计的全部记录。
   封签和 manifest 可用 Go 包 golang.org/x/mod/sumdb/note 核验，时间可用 github.com/transparency-dev/formats 核验。
3. 记录：proofs/ 中每个文件是 C2SP tlog-proof，其中的 checkpoint 与文件 `checkpoint` 相同，index 等于
   编号减 1。叶哈希是一个零字节加记录内容的 SHA-256：
   `{{ printf '\\0'; cat entries/编号.avro; }} | sha256sum`。
   按 RFC 9162 2.1.3.2 由叶哈希算到根哈希；可用 Go 包 github.com/transparency-dev/merkle 核验。
4. 内容：记录为 Avro 单对象编码：C3 01、8 字节模式指纹、Avro 二进制正文。
   模式在 schemas/ 中，其文本也在一条 Schema 记录中。

它证明：发送方的密钥在封签时刻或之前，以这些编号封存了这些字节。
它不证明：传感器所测属实，或未收入本包的记录无关紧要。
本 README 与 keys/ 仅以 manifest 为据：若信任节点的密钥，则以该密钥为据；否则别无依据。
"""


def readme(stream: str, copy: Sequence[str] = ()) -> str:
    """How to check the bundle of a stream, in English and Chinese; `copy` says for whom it is a copy, and why."""
    return _TEXT.format(stream=stream, copy="".join(f"{line}\n\n" for line in copy))
