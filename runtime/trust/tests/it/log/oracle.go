// Judges a log of ours with Go's log library, and makes the same log with it.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"oracle/note"
	"oracle/tlog"
)

type inclusion struct {
	Index int64    `json:"index"`
	Path  []string `json:"path"`
}

type tree struct {
	Size        int64             `json:"size"`
	Note        string            `json:"note"`
	Old         int64             `json:"old"`
	Tiles       map[string]string `json:"tiles"`
	Inclusions  []inclusion       `json:"inclusions"`
	Consistency []string          `json:"consistency"`
}

type asked struct {
	Seed      string   `json:"seed"`
	Key       string   `json:"key"`
	Witnesses []string `json:"witnesses"`
	Trees     []tree   `json:"trees"`
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// A witness as the library sees it: its key kind is not the library's own, so it is given as a Verifier.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(w.key, []byte(signed), sig[8:])
}

func parseWitness(text string) witness {
	name, rest, _ := strings.Cut(text, "+")
	id, key, _ := strings.Cut(rest, "+")
	bytes := must(base64.StdEncoding.DecodeString(key))
	if bytes[0] != 0x04 {
		log.Fatalf("%s is not a witness", text)
	}
	return witness{name, binary.BigEndian.Uint32(must(hex.DecodeString(id))), ed25519.PublicKey(bytes[1:])}
}

func hashes(texts []string) (list []tlog.Hash) {
	for _, text := range texts {
		list = append(list, tlog.Hash(must(hex.DecodeString(text))))
	}
	return list
}

func texts(list []tlog.Hash) []string {
	out := []string{}
	for _, hash := range list {
		out = append(out, hex.EncodeToString(hash[:]))
	}
	return out
}

func main() {
	log.SetFlags(0)
	var ask asked
	if err := json.NewDecoder(os.Stdin).Decode(&ask); err != nil {
		log.Fatal(err)
	}
	verifier := must(note.NewVerifier(ask.Key))
	all := []note.Verifier{verifier}
	for _, text := range ask.Witnesses {
		all = append(all, parseWitness(text))
	}
	seed := must(hex.DecodeString(ask.Seed))
	secret := base64.StdEncoding.EncodeToString(append([]byte{1}, seed...))
	signer := must(note.NewSigner(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", verifier.Name(), verifier.KeyHash(), secret)))

	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
		for _, index := range indexes {
			out = append(out, stored[index])
		}
		return out, nil
	})
	record := func(n int64) []byte { return []byte(fmt.Sprintf("leaf %d", n)) }
	grown := int64(0)
	made := []tree{}
	for _, ours := range ask.Trees {
		for ; grown < ours.Size; grown++ {
			stored = append(stored, must(tlog.StoredHashes(grown, record(grown), reader))...)
		}
		root := must(tlog.TreeHash(ours.Size, reader))
		oldRoot := must(tlog.TreeHash(ours.Old, reader))

		opened := must(note.Open([]byte(ours.Note), note.VerifierList(all...)))
		if len(opened.Sigs) != len(all) || len(opened.UnverifiedSigs) != 0 {
			log.Fatalf("size %d: %d of %d signatures are good", ours.Size, len(opened.Sigs), len(all))
		}
		text := fmt.Sprintf("%s\n%d\n%s\n", verifier.Name(), ours.Size, root)
		if opened.Text != text {
			log.Fatalf("size %d: ours says\n%s, Go says\n%s", ours.Size, opened.Text, text)
		}
		theirs := tree{Size: ours.Size, Old: ours.Old, Tiles: map[string]string{}}
		theirs.Note = string(must(note.Sign(&note.Note{Text: text}, signer)))
		for _, in := range ours.Inclusions {
			if err := tlog.CheckRecord(hashes(in.Path), ours.Size, root, in.Index, tlog.RecordHash(record(in.Index))); err != nil {
				log.Fatalf("size %d, leaf %d: %v", ours.Size, in.Index, err)
			}
			path := must(tlog.ProveRecord(ours.Size, in.Index, reader))
			theirs.Inclusions = append(theirs.Inclusions, inclusion{in.Index, texts(path)})
		}
		if err := tlog.CheckTree(hashes(ours.Consistency), ours.Size, root, ours.Old, oldRoot); err != nil {
			log.Fatalf("size %d from %d: %v", ours.Size, ours.Old, err)
		}
		theirs.Consistency = texts(must(tlog.ProveTree(ours.Size, ours.Old, reader)))
		for _, tile := range tlog.NewTiles(8, 0, ours.Size) {
			path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
			data := hex.EncodeToString(must(tlog.ReadTileData(tile, reader)))
			if ours.Tiles[path] != data {
				log.Fatalf("size %d: %s differs", ours.Size, path)
			}
			theirs.Tiles[path] = data
		}
		made = append(made, theirs)
	}
	if err := json.NewEncoder(os.Stdout).Encode(made); err != nil {
		log.Fatal(err)
	}
}
