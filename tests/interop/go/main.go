// Command interop checks seals, receipts and proofs with the public Go libraries for transparency logs.
//
// It reads a JSON list of cases from standard input and writes one line for each: "ok", or "not ok: " and the reason.
// A case of kind "sign" is answered with the signed note in base64 instead.
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	tlogproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

type testCase struct {
	Kind       string   `json:"kind"`
	Origin     string   `json:"origin"`
	Key        string   `json:"key"`        // the sender's verifier key, or the private key to sign with
	Cosigners  []string `json:"cosigners"`  // verifier keys of type 0x04, all of which must have signed
	Times      []int64  `json:"times"`      // the times they must have stated
	Checkpoint []byte   `json:"checkpoint"` // a signed note
	Newer      []byte   `json:"newer"`      // a later one, for a consistency proof
	Hashes     [][]byte `json:"hashes"`     // the consistency proof
	Proof      []byte   `json:"proof"`      // a .tlog-proof file
	Entry      []byte   `json:"entry"`
	Note       []byte   `json:"note"` // a signed note that is no checkpoint: a bundle's manifest
	Text       string   `json:"text"` // to sign
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		fmt.Fprintln(os.Stderr, "standard input is no list of cases:", err)
		os.Exit(2)
	}
	for _, c := range cases {
		answer, err := check(c)
		if err != nil {
			answer = fmt.Sprintf("not ok: %q", err) // quoted: some reasons have several lines
		}
		fmt.Printf("%s\n", answer)
	}
}

func check(c testCase) (string, error) {
	switch c.Kind {
	case "checkpoint":
		_, err := open(c, c.Checkpoint)
		return "ok", err
	case "note":
		return "ok", signed(c)
	case "inclusion":
		return "ok", inclusion(c)
	case "consistency":
		return "ok", consistency(c)
	case "sign":
		return sign(c)
	}
	return "", fmt.Errorf("unknown kind %q", c.Kind)
}

func signed(c testCase) error {
	signer, err := note.NewVerifier(c.Key)
	if err != nil {
		return err
	}
	witnesses, err := cosigners(c)
	if err != nil {
		return err
	}
	opened, err := note.Open(c.Note, note.VerifierList(append([]note.Verifier{signer}, witnesses...)...))
	if err != nil {
		return err
	}
	for _, line := range opened.Sigs {
		if line.Name == signer.Name() && line.Hash == signer.KeyHash() {
			return cosigned(opened, witnesses, c.Times)
		}
	}
	return fmt.Errorf("%s did not sign", signer.Name())
}

func cosigners(c testCase) ([]note.Verifier, error) {
	var found []note.Verifier
	for _, text := range c.Cosigners {
		cosigner, err := fnote.NewVerifierForCosignatureV1(text)
		if err != nil {
			return nil, err
		}
		found = append(found, cosigner)
	}
	return found, nil
}

func open(c testCase, octets []byte) (*log.Checkpoint, error) {
	sender, err := note.NewVerifier(c.Key)
	if err != nil {
		return nil, err
	}
	witnesses, err := cosigners(c)
	if err != nil {
		return nil, err
	}
	checkpoint, rest, opened, err := log.ParseCheckpoint(octets, c.Origin, sender, witnesses...)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, errors.New("the checkpoint has extension lines")
	}
	return checkpoint, cosigned(opened, witnesses, c.Times)
}

func cosigned(opened *note.Note, cosigners []note.Verifier, times []int64) error {
	for at, cosigner := range cosigners {
		found := false
		for _, line := range opened.Sigs {
			if line.Name != cosigner.Name() || line.Hash != cosigner.KeyHash() {
				continue
			}
			stated, err := fnote.CoSigV1Timestamp(line)
			if err != nil {
				return err
			}
			found = stated.Unix() == times[at]
		}
		if !found {
			return fmt.Errorf("%s did not cosign at %d", cosigner.Name(), times[at])
		}
	}
	return nil
}

func inclusion(c testCase) error {
	var p tlogproof.TLogProof
	if err := p.Unmarshal(c.Proof); err != nil {
		return err
	}
	checkpoint, err := open(c, p.Checkpoint)
	if err != nil {
		return err
	}
	hashes := make([][]byte, len(p.Hashes))
	for at := range p.Hashes {
		hashes[at] = p.Hashes[at][:]
	}
	hasher := rfc6962.DefaultHasher
	return proof.VerifyInclusion(hasher, p.Index, checkpoint.Size, hasher.HashLeaf(c.Entry), hashes, checkpoint.Hash)
}

func consistency(c testCase) error {
	older, err := open(c, c.Checkpoint)
	if err != nil {
		return err
	}
	newer, err := open(c, c.Newer)
	if err != nil {
		return err
	}
	return proof.VerifyConsistency(rfc6962.DefaultHasher, older.Size, newer.Size, c.Hashes, older.Hash, newer.Hash)
}

func sign(c testCase) (string, error) {
	signer, err := note.NewSigner(c.Key)
	if err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: c.Text}, signer)
	return base64.StdEncoding.EncodeToString(signed), err
}
