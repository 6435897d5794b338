package sqlite

import (
	"fmt"

	"peyk/internal/backoffice/ledger"
)

// Recipients gives those of a request, by account.
func (v *view) Recipients(guid string) ([]ledger.Recipient, error) {
	rows, err := all(v, func(row scanner, r *ledger.Recipient) error {
		return row.Scan(&r.GUID, &r.Account, (*instant)(&r.GoneAt))
	}, "SELECT guid, account, gone_at FROM recipients WHERE guid = ? ORDER BY account", guid)
	if err != nil {
		return nil, fmt.Errorf("read the recipients of %s: %w", guid, err)
	}
	return rows, nil
}

// Whoever receives a request and does not own it has a row of their own, to be
// listed by. The request may come before its recipients or after them.
const (
	receive = `INSERT INTO received (guid, account, state) SELECT guid, ?, state FROM requests
		WHERE guid = ? AND owner <> ? ON CONFLICT DO NOTHING`
	receiveAll = `INSERT INTO received (guid, account, state) SELECT guid, account, ? FROM recipients
		WHERE guid = ? AND account <> ? AND gone_at IS NULL ON CONFLICT DO NOTHING`
	receivedMoves = "UPDATE received SET state = ? WHERE guid = ?"
	receiveNoMore = "DELETE FROM received WHERE guid = ? AND account = ?"
)

// PutRecipient adds or replaces one.
func (x *tx) PutRecipient(r ledger.Recipient) error {
	err := x.run(`INSERT INTO recipients (guid, account, gone_at) VALUES (?, ?, ?)
		ON CONFLICT (guid, account) DO UPDATE SET gone_at = excluded.gone_at`, r.GUID, r.Account, at(r.GoneAt))
	if err == nil && r.GoneAt.IsZero() {
		err = x.run(receive, r.Account, r.GUID, r.Account)
	} else if err == nil {
		err = x.run(receiveNoMore, r.GUID, r.Account)
	}
	if err != nil {
		return fmt.Errorf("write recipient %s of %s: %w", r.Account, r.GUID, err)
	}
	return nil
}

const fileColumns = "guid, generation, name, media_type, size, sha256, pages, rows, blob_key, stored_at, refused, damaged"

func scanFile(row scanner, f *ledger.File) error {
	return row.Scan(&f.GUID, &f.Generation, &f.Name, &f.MediaType, &f.Size, &f.SHA256, &f.Pages, &f.Rows,
		&f.BlobKey, (*instant)(&f.StoredAt), &f.Refused, &f.Damaged)
}

// Files gives those of all generations, by generation and name.
func (v *view) Files(guid string) ([]ledger.File, error) {
	rows, err := all(v, scanFile, "SELECT "+fileColumns+" FROM report_files WHERE guid = ? ORDER BY generation, name", guid)
	if err != nil {
		return nil, fmt.Errorf("read the files of %s: %w", guid, err)
	}
	return rows, nil
}

// PutFile adds or replaces one.
func (x *tx) PutFile(f ledger.File) error {
	err := x.run("INSERT OR REPLACE INTO report_files ("+fileColumns+") VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
		f.GUID, f.Generation, f.Name, f.MediaType, f.Size, f.SHA256, f.Pages, f.Rows,
		f.BlobKey, at(f.StoredAt), f.Refused, f.Damaged)
	if err != nil {
		return fmt.Errorf("write file %s of %s, generation %d: %w", f.Name, f.GUID, f.Generation, err)
	}
	return nil
}

const blobKnown = `SELECT EXISTS (SELECT 1 FROM report_files f CROSS JOIN requests r ON r.guid = f.guid
	WHERE f.blob_key = ? AND f.blob_key <> '' AND r.purged_at IS NULL)`

// BlobKnown reports whether a file of a request not purged names these bytes.
func (v *view) BlobKnown(key string) (bool, error) {
	known, err := one(v, column[bool], blobKnown, key)
	if err != nil {
		return false, fmt.Errorf("look who names blob %s: %w", key, err)
	}
	return known, nil
}

// Forget removes the files' rows, the progress and the letters of a purged request.
func (x *tx) Forget(guid string) error {
	for _, query := range []string{
		"DELETE FROM report_files WHERE guid = ?",
		"DELETE FROM mails WHERE guid = ?",
		"DELETE FROM progress WHERE guid = ?",
	} {
		if err := x.run(query, guid); err != nil {
			return fmt.Errorf("forget what request %s left: %w", guid, err)
		}
	}
	return nil
}
