// Command authenticate wants the token of the plugin's configuration, {"token": "..."}, in the query's leading comment, as token=...,
// and takes the comment away, so that no log of the database has it.
package main

import (
	"crypto/subtle"
	"encoding/json"
	"strings"

	"github.com/wesql/wescale-wasm-plugin-sdk/sluice"
)

type plugin struct {
	sluice.Base
	Token string `json:"token"`
}

func (p *plugin) Before(query *sluice.Query) error {
	text, err := query.Text()
	if err != nil {
		return err
	}
	comment, rest, found := strings.Cut(text, "*/")
	comment, leading := strings.CutPrefix(comment, "/*")
	_, token, has := strings.Cut(comment, "token=")
	if !found || !leading || !has {
		return deny("no token in the leading comment")
	}
	token, _, _ = strings.Cut(token, " ")
	if p.Token == "" || subtle.ConstantTimeCompare([]byte(p.Token), []byte(token)) != 1 {
		return deny("the token is wrong")
	}
	return query.SetText(rest)
}

func deny(why string) error {
	return &sluice.CodedError{Code: 1045, State: "28000", Message: "access denied: " + why}
}

func main() {
	p := &plugin{}
	text, err := sluice.Configuration()
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), p)
	}
	if err != nil {
		sluice.Error("authenticate cannot read its configuration: " + err.Error())
	}
	sluice.Run(p)
}
